import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { Badge, Disclosure, type Fact, Facts, Notice, Panel } from '../ui/panel.tsx'
import { type Relocation, useContractFacts, useRelocationFacts } from '../ui/relocation-facts.ts'
import { toast } from '../ui/toast.tsx'
import type { OperatorSite } from './acts.ts'
import { type Control, Controls } from './acts-row.tsx'
import { useNames, usePage, usePermitted } from './page.tsx'
import { RelocationForm } from './relocation-form.tsx'

const tones = { draft: 'info', accepted: 'good', switched: 'good', returned: 'warning' } as const

const acts = [
  ['withdraw', 'operatorWithdrawRelocation', 'withdraw', ['draft', 'accepted']],
  ['confirm', 'operatorConfirmRelocation', 'confirm', ['switched']],
  ['keep', 'operatorConfirmRelocation', 'confirm', ['returned']],
  ['back', 'operatorSwitchBack', 'switch-back', ['switched']],
  ['forward', 'operatorSwitchBack', 'switch-back', ['returned']],
] as const satisfies readonly (readonly [string, string, string, readonly Relocation['state'][]])[]

const isLive = ({ status }: OperatorSite): boolean => status === 'active' || status === 'asleep'

/** The contract can change alone until the owner has accepted a plan. */
const isDraft = ({ relocation }: OperatorSite): boolean => relocation === null || relocation.state === 'draft'

/** The acts that a role permits and the state of the relocation suits. The API decides again. */
const useActs = (site: OperatorSite): readonly Control[] => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const { id, relocation } = site
  const end: Control = {
    ...{ id: 'end-contract', label: t('relocation.contract-end'), effect: t('relocation.contract-end-effect') },
    isDangerous: true,
    perform: (reason) =>
      api.PUT('/v1/operator/sites/{id}/relocation', { params: { path: { id } }, body: { contract: null, reason } }),
  }
  const isEndable = site.contract !== null && isDraft(site) && isLive(site) && isPermitted('operatorDraftRelocation')
  const offered = acts.flatMap(([act, operation, path, states]) => {
    const fits = states.some((state) => state === relocation?.state)
    if (!fits || !isPermitted(operation)) return []
    const params = { path: { id } }
    const perform = (reason: string) =>
      path === 'switch-back'
        ? api.POST(`/v1/operator/sites/{id}/relocation/switch-back`, {
            params,
            body: { to: act === 'back' ? 'returned' : 'switched', reason },
          })
        : api.POST(`/v1/operator/sites/{id}/relocation/${path}`, { params, body: { reason } })
    const label = t(`relocation.${act}`)
    const effect = act === 'confirm' && relocation?.contract === null ? 'plain-confirm' : act
    return [{ id: act, label, effect: t(`relocation.${effect}-effect`), isDangerous: path === 'switch-back', perform }]
  })
  return [...offered, ...(isEndable ? [end] : [])]
}

const useFacts = (relocation: Relocation): readonly Fact[] => {
  const { t, format } = usePage()
  const names = useNames()
  const agreed = useRelocationFacts(relocation)
  const { revision, target, contract, interruption, confirmedAt } = relocation
  const { plan, blueprint, configuration, cell } = target
  const forecast =
    interruption === null
      ? t('relocation.unrehearsed')
      : t('relocation.forecast', {
          time: format.duration(interruption.seconds),
          at: format.instant(interruption.rehearsedAt),
        })
  const rows = [
    [t('relocation.revision'), format.number(revision)],
    [t('site.plan'), plan && names.plan(plan)],
    [t('relocation.blueprint'), blueprint && `${blueprint.name} ${blueprint.version}`],
    [t('relocation.configuration'), configuration],
    [t('facts.cell'), cell],
    ...agreed,
    [t('relocation.note'), contract?.note ?? null],
    [t('relocation.interruption'), forecast],
    [t('relocation.confirmed'), confirmedAt && format.instant(confirmedAt)],
  ] as const
  return rows.filter(([, value]) => value !== null)
}

const Present = ({ relocation }: { readonly relocation: Relocation }) => {
  const { t, format } = usePage()
  const { state, missed, interruption } = relocation
  const isRehearsed = state === 'draft' && missed === null && interruption !== null
  return (
    <Panel
      title={t('relocation.title')}
      variant="wide"
      aside={<Badge tone={tones[state]}>{t(isRehearsed ? 'relocation.waiting' : `relocation.${state}`)}</Badge>}
    >
      {missed === null ? null : (
        <Notice tone="warning" title={t('relocation.missed', { at: format.instant(missed.at) })}>
          <span lang="en">{missed.because}</span>
        </Notice>
      )}
      <Facts facts={useFacts(relocation)} />
    </Panel>
  )
}

/** The planned relocation of a site, and what sales and admins can do about it. */
export const SiteRelocation = ({ site }: { readonly site: OperatorSite }) => {
  const { t } = usePage()
  const queries = useQueryClient()
  const { id, relocation, contract } = site
  const facts = useContractFacts(contract)
  // A plan that somebody else makes does not close the form.
  const [isNew] = useState(relocation === null)
  const isOpen = relocation === null || relocation.state === 'draft' || relocation.state === 'accepted'
  const save = async (act: string): Promise<void> => {
    await queries.invalidateQueries({ queryKey: ['site', id] })
    toast({ text: t('act.done', { act }) })
  }
  return (
    <div className="panels">
      {relocation === null ? null : <Present relocation={relocation} />}
      <Controls controls={useActs(site)} refresh="site" />
      {isLive(site) && isOpen ? (
        <Panel title={t(relocation === null ? 'relocation.plan' : 'relocation.change')} variant="wide">
          <Disclosure title={t('relocation.form')} isOpen={isNew}>
            <RelocationForm site={site} onSaved={() => save(t('relocation.save'))} />
          </Disclosure>
        </Panel>
      ) : null}
      {isLive(site) && isDraft(site) ? (
        <Panel title={t('relocation.contract')} variant="wide">
          {contract === null ? null : <Facts facts={facts} />}
          <Disclosure title={t('relocation.contract-change')}>
            <RelocationForm site={site} isContract onSaved={() => save(t('relocation.contract-save'))} />
          </Disclosure>
        </Panel>
      ) : null}
      {isLive(site) || relocation !== null ? null : <p>{t('relocation.not-live')}</p>}
    </div>
  )
}
