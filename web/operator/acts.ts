import type { components } from '../api/openapi.d.ts'

export type OperatorSite = components['schemas']['OperatorSiteDetail']

type Known = Pick<OperatorSite, 'status' | 'plan' | 'heldSince' | 'accountId' | 'handOver' | 'releaseCopy'>

const isLive = ({ status }: Known): boolean => status === 'active' || status === 'asleep'
const isStopped = ({ status }: Known): boolean => status === 'suspended' || status === 'archived'
const isKept = (site: Known): boolean => isLive(site) || isStopped(site)

/** The operation that each act needs, and which sites it suits. The likeliest first: two have a button, the others a menu. */
const acts = [
  ['enter', 'operatorEnterSite', isLive],
  ['retry', 'operatorRetry', ({ status }) => status === 'failed' || status === 'asleep'],
  ['hand-over', 'operatorHandOver', ({ handOver }) => handOver?.status === 'failed'],
  ['resume', 'operatorResume', isStopped],
  ['extend', 'operatorExtend', (site) => /^trial(-|$)/.test(site.plan) && isKept(site)],
  ['plan', 'operatorChangePlan', isKept],
  [
    'restore-release-copy',
    'operatorRestoreReleaseCopy',
    (site) => site.status === 'active' && site.releaseCopy !== null,
  ],
  ['suspend', 'operatorSuspend', isLive],
  ['hold', 'operatorHold', (site) => site.heldSince === null && isKept(site)],
  ['unhold', 'operatorUnhold', ({ heldSince }) => heldSince !== null],
  // It is of the account, and a site that is gone may have none.
  ['allowance', 'operatorChangeAllowance', ({ status }) => status !== 'purged'],
  ['purge', 'operatorPurge', isStopped],
] as const satisfies readonly (readonly [string, string, (site: Known) => boolean])[]
export type Act = (typeof acts)[number][0]

/** The acts whose consequences the API shows. */
const previewed = ['extend', 'plan', 'resume', 'suspend', 'hold', 'unhold', 'purge'] as const
export const previewOf = (act: Act) => previewed.find((known) => known === act)

/** The acts that a role permits and the state of a site suits. The API decides again. */
export const actsFor = (site: Known, isPermitted: (operation: string) => boolean): readonly Act[] =>
  site.accountId === null
    ? []
    : acts.flatMap(([act, operation, suits]) => (isPermitted(operation) && suits(site) ? [act] : []))
