import { useMutation } from '@tanstack/react-query'
import { ApiError, api } from '../api/client.ts'
import { useRead } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Field, FieldGroup, focusField, Select, sendBy } from '../ui/field.tsx'
import { Notice } from '../ui/panel.tsx'
import { PageError } from '../ui/use-page.ts'
import type { OperatorSite } from './acts.ts'
import { usePage } from './page.tsx'
import { draftOf, localTimeAt, timeZones } from './relocation-draft.ts'
import { useHeld } from './use-held.ts'

type SayProblem = (name: string) => React.ReactNode

interface PartProps {
  readonly site: OperatorSite
  readonly problemOf: SayProblem
}

/** What the API refused at a field, or below it. It says so in English. */
const problemsOf = (error: unknown) => {
  const fields = error instanceof ApiError ? error.fields : []
  const at = (name: string) => fields.find(({ path }) => path === name || path.startsWith(`${name}.`))
  return {
    problemOf: (name: string) => at(name) && <span lang="en">{at(name)?.message}</span>,
    firstOf: (form: HTMLFormElement) => [...new FormData(form).keys()].find(at),
  }
}

const optionsOf = (values: readonly string[]) => values.map((value) => ({ value, label: value }))

/** Plan, blueprint, settings and cell. What is left out stays as it is. */
const TargetFields = ({ site, problemOf }: PartProps) => {
  const { t } = usePage()
  const target = site.relocation?.target
  const plans = useRead(['plans'], (signal) => api.GET('/v1/operator/plans', { signal })).data?.plans
  const cells = useRead(['cells'], (signal) => api.GET('/v1/operator/cells', { signal })).data?.cells
  const published = useRead(['blueprint-versions'], (signal) =>
    api.GET('/v1/operator/blueprint-versions', { signal }),
  ).data?.versions.map(({ name, version, plans: allowed }) => ({
    value: `${name} ${version}`,
    label: allowed === null ? `${name} ${version}` : `${name} ${version} (${allowed.join(', ')})`,
  }))
  const same = { value: '', label: t('relocation.same') }
  const planned = target?.blueprint ? `${target.blueprint.name} ${target.blueprint.version}` : ''
  const of = (name: string) => ({ name: `target.${name}`, problem: problemOf(`target.${name}`) })
  if (plans === undefined || cells === undefined || published === undefined) return null
  // A version that was planned long ago may not be among the last ones.
  const older = planned === '' || published.some(({ value }) => value === planned) ? [] : optionsOf([planned])
  return (
    <>
      <Select
        {...of('plan')}
        label={t('site.plan')}
        defaultValue={target?.plan ?? ''}
        options={[same, ...plans.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <Select
        {...of('blueprint')}
        label={t('relocation.blueprint')}
        defaultValue={planned}
        options={[same, ...older, ...published]}
      />
      <Field
        {...of('configuration')}
        label={t('relocation.configuration')}
        hint={t('relocation.configuration-hint')}
        inputMode="numeric"
        defaultValue={target?.configuration ?? ''}
      />
      <Select
        {...of('cell')}
        label={t('facts.cell')}
        defaultValue={target?.cell ?? ''}
        options={[same, ...optionsOf(cells.map(({ name }) => name))]}
      />
    </>
  )
}

const WindowFields = ({ site: { relocation }, problemOf }: PartProps) => {
  const { t } = usePage()
  const window = relocation?.window
  const zones = timeZones()
  const of = (name: 'from' | 'until') => ({
    ...{ name: `window.${name}`, label: t(`relocation.${name}`), problem: problemOf(`window.${name}`) },
    ...{ type: 'datetime-local', defaultValue: window && localTimeAt(window[name], window.timeZone) },
  })
  return (
    <>
      <Field {...of('from')} />
      <Field {...of('until')} />
      <Select
        name="window.timeZone"
        label={t('relocation.zone')}
        defaultValue={window?.timeZone ?? zones[0]}
        options={optionsOf([...new Set([...(window ? [window.timeZone] : []), ...zones])])}
        problem={problemOf('window.timeZone')}
      />
      <Field
        name="confirmDays"
        label={t('relocation.days')}
        hint={t('relocation.days-hint')}
        problem={problemOf('confirmDays')}
        type="number"
        min={1}
        max={30}
        defaultValue={relocation?.confirmDays ?? 14}
      />
    </>
  )
}

interface ContractProps extends Pick<PartProps, 'problemOf'>, Pick<OperatorSite, 'contract'> {
  readonly hint?: string
}

const ContractFields = ({ contract, hint, problemOf }: ContractProps) => {
  const { t } = usePage()
  const of = (name: 'number' | 'firstDay' | 'lastDay' | 'note') => ({
    ...{ name: `contract.${name}`, label: t(`relocation.${name}`), problem: problemOf(`contract.${name}`) },
    defaultValue: contract?.[name],
  })
  return (
    <>
      <Field {...of('number')} maxLength={60} {...(hint && { hint })} />
      <Field {...of('firstDay')} type="date" />
      <Field {...of('lastDay')} type="date" />
      <Field {...of('note')} maxLength={500} />
    </>
  )
}

interface RelocationFormProps {
  readonly site: OperatorSite
  /** The contract alone, which changes at once. */
  readonly isContract?: boolean
  readonly onSaved: () => Promise<void>
}

/** Plans a relocation, or changes the plan. It keeps what was typed after a failure, and when somebody else changes the plan. */
export const RelocationForm = ({ site: loaded, isContract = false, onSaved }: RelocationFormProps) => {
  const { t, sayProblem } = usePage()
  const { shown: site, hold, release } = useHeld(loaded)
  const versionOf = ({ contract, relocation }: OperatorSite) =>
    isContract ? JSON.stringify(contract) : relocation?.revision
  const saving = useMutation({
    mutationFn: async (form: HTMLFormElement) => {
      if (versionOf(site) !== versionOf(loaded)) throw new PageError('form.conflict', 'somebody else has changed it')
      return api.PUT('/v1/operator/sites/{id}/relocation', {
        params: { path: { id: site.id } },
        body: draftOf(new FormData(form)),
      })
    },
    onSuccess: async () => {
      await onSaved()
      release()
    },
    onError: (error, form) => focusField(form, problemsOf(error).firstOf(form) ?? ''),
  })
  const { error } = saving
  const isConflict = error instanceof PageError
  const part = { site, problemOf: problemsOf(error).problemOf }
  return (
    <form noValidate onSubmit={sendBy(saving)} onChange={hold} key={versionOf(site)}>
      <p className="lead">{t(isContract ? 'relocation.contract-effect' : 'relocation.plan-effect')}</p>
      {isContract ? null : (
        <>
          <FieldGroup title={t('relocation.what')}>
            <TargetFields {...part} />
          </FieldGroup>
          <FieldGroup title={t('relocation.when')}>
            <WindowFields {...part} />
          </FieldGroup>
        </>
      )}
      <FieldGroup title={t('relocation.contract')}>
        {isContract ? (
          <ContractFields {...part} contract={site.contract} />
        ) : (
          <ContractFields {...part} contract={site.relocation?.contract ?? null} hint={t('relocation.contract-hint')} />
        )}
      </FieldGroup>
      {error === null ? null : (
        <Notice tone="danger" title={sayProblem(error)}>
          {isConflict ? null : <span lang="en">{error.message}</span>}
        </Notice>
      )}
      <div className="actions">
        <Button type="submit" isBusy={saving.isPending}>
          {t(isContract ? 'relocation.contract-save' : 'relocation.save')}
        </Button>
        {isConflict ? (
          <Button
            tone="quiet"
            onClick={() => {
              saving.reset()
              release()
            }}
          >
            {t('form.reload')}
          </Button>
        ) : null}
      </div>
    </form>
  )
}
