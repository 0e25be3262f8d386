import { tellsUsersApart } from './gateway/peer-user.ts'
import { standInPath } from './open-payments.ts'
import type { Settings } from './settings.ts'

/** Returns the lines for the person who started a host. */
export const hostSummary = ({
  settings: { consoleUrl, siteUrl, sitesDomain, isPublic, localUsers },
  engine,
  runtime,
  hasStandIn,
  pool,
}: {
  readonly settings: Pick<Settings, 'consoleUrl' | 'siteUrl' | 'sitesDomain' | 'isPublic' | 'localUsers'>
  readonly engine: string
  readonly runtime: string
  /** Whether payments go to the stand-in for Stripe. */
  readonly hasStandIn: boolean
  readonly pool: string
}): readonly string[] => [
  `Sitewright is running at ${consoleUrl}`,
  `  sites     ${siteUrl(`<name>.${sitesDomain}`)}`,
  ...(isPublic ? [] : [`  mail      ${consoleUrl}/_local/mail`]),
  ...(isPublic || (localUsers === 'own' && tellsUsersApart())
    ? []
    : ['  accounts  every account of this machine can read the mail and act as an operator']),
  `  engine    ${engine}`,
  `  runtime   ${runtime}`,
  ...(hasStandIn ? [`  payments  a stand-in for Stripe, at ${consoleUrl}${standInPath}`] : []),
  `  pool      ${pool}`,
]
