import { api } from '../api/client.ts'
import { Field } from '../ui/field.tsx'
import { Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.ts'

/** The blueprint or extension in a file. Only who publishes loads the parser of YAML, of which JSON is a part. */
const bodyOf = async (file: FormDataEntryValue | null) => {
  const { parse } = await import('yaml')
  const content = parse(file instanceof File ? await file.text() : '')
  return content?.extends === undefined ? { blueprint: content } : { extension: content }
}

/** The button that publishes a file. The API says in English what is wrong with it. */
export const PublishBlueprint = () => {
  const { t } = usePage()
  const publish = {
    id: 'publish',
    label: t('blueprint.publish'),
    effect: t('blueprint.publish-effect'),
    fields: () => (
      <Field label={t('blueprint.file')} name="file" type="file" accept=".yaml,.yml,.json" hint={t('blueprint.hint')} />
    ),
    perform: async (reason: string, form: FormData) =>
      api.POST('/v1/operator/blueprints', { body: { ...(await bodyOf(form.get('file'))), reason } }),
  }
  return <Controls controls={usePermitted()('operatorPublishBlueprint') ? [publish] : []} refresh="blueprints" />
}
