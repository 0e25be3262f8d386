import type { AbusePolicy } from '../core/abuse/abuse-policy.ts'
import type { Settings } from './settings.ts'

/**
 * On a public host this machine is a network like any other: what comes from it is a proxy that did not say for whom, or a
 * site that has been broken into.
 */
export const abusePolicyOfHost = (abuse: AbusePolicy, { isPublic }: Pick<Settings, 'isPublic'>): AbusePolicy => ({
  ...abuse,
  limitLoopback: abuse.limitLoopback || isPublic,
})
