import type { components } from '../api/openapi.d.ts'

export type OperatorSite = components['schemas']['OperatorSiteDetail']

/** The likeliest first: two have a button, the others a menu. */
const acts = [
  'enter',
  'retry',
  'hand-over',
  'resume',
  'extend',
  'plan',
  'restore-release-copy',
  'suspend',
  'hold',
  'unhold',
  'allowance',
  'purge',
] as const
export type Act = (typeof acts)[number]

/** The acts whose consequences the API shows. */
const previewed = ['extend', 'plan', 'resume', 'suspend', 'hold', 'unhold', 'purge'] as const
export const previewOf = (act: Act) => previewed.find((known) => known === act)

const operations = {
  enter: 'operatorEnterSite',
  retry: 'operatorRetry',
  'hand-over': 'operatorHandOver',
  extend: 'operatorExtend',
  plan: 'operatorChangePlan',
  resume: 'operatorResume',
  'restore-release-copy': 'operatorRestoreReleaseCopy',
  suspend: 'operatorSuspend',
  hold: 'operatorHold',
  unhold: 'operatorUnhold',
  allowance: 'operatorChangeAllowance',
  purge: 'operatorPurge',
} as const satisfies Record<Act, string>

type Known = Pick<OperatorSite, 'status' | 'plan' | 'heldSince' | 'accountId' | 'handOver' | 'releaseCopy'>

const isKept = (status: OperatorSite['status']): boolean =>
  ['active', 'asleep', 'suspended', 'archived'].includes(status)

const fits: Readonly<Record<Act, (site: Known) => boolean>> = {
  enter: ({ status }) => status === 'active' || status === 'asleep',
  retry: ({ status }) => status === 'failed' || status === 'asleep',
  'hand-over': ({ handOver }) => handOver?.status === 'failed',
  extend: ({ status, plan }) => /^trial(-|$)/.test(plan) && isKept(status),
  plan: ({ status }) => isKept(status),
  resume: ({ status }) => status === 'suspended' || status === 'archived',
  'restore-release-copy': ({ status, releaseCopy }) => status === 'active' && releaseCopy !== null,
  suspend: ({ status }) => status === 'active' || status === 'asleep',
  hold: ({ status, heldSince }) => heldSince === null && isKept(status),
  unhold: ({ heldSince }) => heldSince !== null,
  // It is of the account, and a site that is gone may have none.
  allowance: ({ status }) => status !== 'purged',
  purge: ({ status }) => status === 'suspended' || status === 'archived',
}

/** The acts that a role permits and the state of a site suits. The API decides again. */
export const actsFor = (site: Known, isPermitted: (operation: string) => boolean): readonly Act[] =>
  site.accountId === null ? [] : acts.filter((act) => isPermitted(operations[act]) && fits[act](site))
