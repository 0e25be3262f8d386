import { useRef } from 'react'
import { api } from '../api/client.ts'
import { Field } from '../ui/field.tsx'
import { PageError } from '../ui/use-page.ts'
import { Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.tsx'

/** The blueprint or extension in a file. Only who publishes loads the parser of YAML, of which JSON is a part. */
const contentOf = async (file: FormDataEntryValue | null) => {
  const { parse } = await import('yaml')
  const content = parse(file instanceof File ? await file.text() : '')
  return content?.extends === undefined ? { blueprint: content } : { extension: content }
}

/** Browsers do not read a file that was changed or moved since it was chosen. */
const isStale = (error: unknown): boolean =>
  error instanceof DOMException && ['NotReadableError', 'NotFoundError'].includes(error.name)

/** The button that publishes a file. The API says in English what is wrong with it. */
export const PublishBlueprint = () => {
  const { t } = usePage()
  const input = useRef<HTMLInputElement>(null)
  const read = (form: FormData) =>
    contentOf(form.get('file')).catch((error: unknown) => {
      if (!isStale(error) || input.current === null) throw error
      input.current.value = ''
      input.current.focus()
      throw new PageError('blueprint.file-changed', String(error))
    })
  const publish = {
    id: 'publish',
    label: t('blueprint.publish'),
    effect: t('blueprint.publish-effect'),
    fields: () => (
      <Field
        ref={input}
        label={t('blueprint.file')}
        name="file"
        type="file"
        accept=".yaml,.yml,.json"
        hint={t('blueprint.hint')}
      />
    ),
    perform: async (reason: string, form: FormData) =>
      api.POST('/v1/operator/blueprints', { body: { ...(await read(form)), reason } }),
  }
  return <Controls controls={usePermitted()('operatorPublishBlueprint') ? [publish] : []} refresh="blueprints" />
}
