import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Checkbox, Field, LongField, Select } from '../ui/field.tsx'
import { Badge, Notice, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { type Control, Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.tsx'

type Configuration = components['schemas']['SiteConfiguration']
type Variable = Configuration['variables'][number]
/** Null takes a value back. */
type Given = [name: string, value: string | null][]
type Version = Configuration['versions'][number]

/** An empty field has the default again. */
const VariableField = ({ of, isRefused }: { readonly of: Variable; readonly isRefused: boolean }) => {
  const { t } = usePage()
  const { name, description, value, default: usual, values } = of
  const hint = [description, usual === null ? null : t('config.default-is', { value: usual })].filter(Boolean).join(' ')
  const field = {
    label: name,
    name: `variable ${name}`,
    defaultValue: value ?? '',
    problem: isRefused ? t('config.refused') : undefined,
    hint,
  }
  if (values !== null) {
    const options = [{ value: '', label: t('config.default') }, ...values.map((one) => ({ value: one, label: one }))]
    return <Select label={name} name={field.name} defaultValue={field.defaultValue} options={options} />
  }
  // A line of text would lose its line breaks.
  return value?.includes('\n') ? <LongField {...field} /> : <Field {...field} />
}

const useChange = ({ variables, secrets, inUse }: Configuration, id: string): Control => {
  const { t } = usePage()
  const valuesOf = (form: FormData) => ({
    variables: Object.fromEntries(
      variables.flatMap(({ name, value }): Given => {
        const given = String(form.get(`variable ${name}`) ?? '')
        return given === (value ?? '') ? [] : [[name, given === '' ? null : given]]
      }),
    ),
    secrets: Object.fromEntries(
      secrets.flatMap(({ name }): Given => {
        const given = String(form.get(`secret ${name}`) ?? '')
        if (form.has(`generate ${name}`)) return [[name, null]]
        return given === '' ? [] : [[name, given]]
      }),
    ),
  })
  return {
    id: 'change',
    label: t('config.change'),
    effect: t('config.change-effect'),
    fields: (isRefused) => (
      <>
        {variables.map((variable) => (
          <VariableField key={variable.name} of={variable} isRefused={isRefused(`variables.${variable.name}`)} />
        ))}
        {secrets.map(({ name, description, set }) => (
          <div key={name}>
            <LongField
              label={t('config.secret-field', { name })}
              name={`secret ${name}`}
              rows={2}
              autoComplete="off"
              spellCheck={false}
              problem={isRefused(`secrets.${name}`) ? t('config.refused') : undefined}
              hint={`${description ?? ''} ${t('config.secret-hint')}`.trim()}
            />
            {set === null ? null : <Checkbox name={`generate ${name}`}>{t('config.generate', { name })}</Checkbox>}
          </div>
        ))}
      </>
    ),
    perform: (reason, form) => {
      const body = { ...valuesOf(form), basedOn: inUse, reason }
      return api.POST('/v1/operator/sites/{id}/configuration', { params: { path: { id } }, body })
    },
  }
}

const Values = ({ configuration: { variables, secrets } }: { readonly configuration: Configuration }) => {
  const { t, format } = usePage()
  const rows = [
    ...variables.map(({ name, description, value, default: usual }) => ({
      ...{ name, description },
      value: value ?? (usual === null ? t('config.unset') : t('config.default-is', { value: usual })),
    })),
    ...secrets.map(({ name, description, set }) => ({
      ...{ name, description },
      value: set === null ? t('config.generated') : t('config.set', { at: format.instant(set.at) }),
    })),
  ]
  if (rows.length === 0) return <p>{t('config.none')}</p>
  return (
    <Table
      caption={t('config.values')}
      rows={rows}
      idOf={({ name }) => name}
      columns={[
        { title: t('config.name'), cell: ({ name }) => <code>{name}</code> },
        { title: t('config.value'), cell: ({ value }) => value },
        { title: t('config.description'), cell: ({ description }) => description ?? '–' },
      ]}
    />
  )
}

const Parts = ({ id, name, data }: { readonly id: string; readonly name: string; readonly data: Configuration }) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const change = useChange(data, id)
  const { inUse, applying, variables, secrets, versions } = data
  const applyOf = (version: number, label: string): Control => ({
    id: `apply ${version}`,
    label,
    of: String(version),
    effect: t('config.apply-effect'),
    perform: (reason) =>
      api.POST('/v1/operator/sites/{id}/configuration/{version}/apply', {
        params: { path: { id, version } },
        body: { reason },
      }),
  })
  const actOf = ({ version }: Version) => {
    if (version === inUse) return <Badge tone="good">{t('config.in-use')}</Badge>
    return isPermitted('operatorApplyConfiguration') ? (
      <Controls controls={[applyOf(version, t('config.apply'))]} refresh={name} />
    ) : null
  }
  const isChangeable = isPermitted('operatorChangeConfiguration') && variables.length + secrets.length > 0
  const controls = [change, ...(inUse === 0 ? [] : [applyOf(0, t('config.apply-none'))])]
  return (
    <div className="panels">
      <Panel title={t('config.values')} variant="wide">
        {applying === null ? null : <Notice tone="info">{t('config.applying', { version: String(applying) })}</Notice>}
        <Values configuration={data} />
        {isChangeable ? <Controls controls={controls} refresh={name} /> : null}
      </Panel>
      {versions.length === 0 ? null : (
        <Panel title={t('config.versions')} variant="wide">
          <Table
            caption={t('config.versions')}
            rows={versions}
            idOf={({ version }) => String(version)}
            columns={[
              { title: t('config.version'), variant: 'number', cell: ({ version }) => version },
              { title: t('config.changed'), cell: ({ changed }) => changed.join(', ') },
              { title: t('config.reason'), from: 'wide', cell: ({ reason }) => reason },
              { title: t('config.at'), from: 'wide', cell: ({ at }) => format.instant(at) },
              {
                title: t('config.who'),
                from: 'wide',
                cell: ({ actor }) =>
                  'operatorId' in actor ? <span title={actor.operatorId}>{t('role.operator')}</span> : actor.kind,
              },
              { title: t('config.apply'), cell: actOf },
            ]}
          />
        </Panel>
      )}
    </div>
  )
}

export const SiteConfiguration = ({ id }: { readonly id: string }) => {
  const name = `configuration ${id}`
  const params = { path: { id } }
  const query = useRead([name], (signal) => api.GET('/v1/operator/sites/{id}/configuration', { params, signal }), {
    every: 10,
  })
  return <Loaded query={query}>{(data) => <Parts id={id} name={name} data={data} />}</Loaded>
}
