import { globSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operatorRoles } from '../../core/events/actor.ts'
import { idSchema } from '../../core/ids.ts'
import type { Operation } from '../../lambdas/_runtime/operation.ts'
import { requireRight, rights } from '../../lambdas/accounts/team/rights.ts'
import { type Acting, isAtLeast, type Rank } from '../../lambdas/accounts/team/team.ts'
import { functions, httpTriggersOf } from '../../lambdas/manifest.ts'
import { readPrefixes } from '../../lambdas/operators/audit/store.ts'
import { welcome } from '../support/provisioning.ts'
import { unlimited } from '../support/signing-up.ts'
import {
  choice,
  everybody,
  nobodysId,
  ofSite,
  onLead,
  onPlace,
  onSite,
  type Row,
  reason,
  type Scene,
  same,
  signedIn,
  staff,
  type Who,
} from './access-row.ts'
import { type ApiAnswer, openApiStage } from './api-stage.ts'
import { givenSites } from './given-site.ts'
import type { HttpRequest } from './http-request.ts'
import { rightsInWords } from './rights-in-words.ts'
import { signIn } from './sign-in.ts'

/** What each may do with each route, by operation. A route without its row fails this test. */
const central: Readonly<Record<string, Row>> = {
  startSignup: { request: () => ({ path: '/v1/signups', body: { email: 'owner@example.com' } }), answers: same(201) },
  verifySignup: {
    request: ({ signupId }) => ({ path: `/v1/signups/${signupId}/verification`, body: { code: '000000' } }),
    answers: same(410),
  },
  reopenByLink: {
    request: () => ({ path: `/v1/accounts/acct_${nobodysId}/reopening`, body: { code: 'a-code' } }),
    answers: same(422),
  },
  // Without the console as its origin, it is answered to no page.
  submitSignupForm: {
    request: () => ({
      path: '/v1/signups/form',
      body: 'email=owner%40example.com&acceptedTerms=on',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:4000' },
    }),
    answers: same(303),
  },
  countVisit: { request: () => ({ path: '/v1/visits', body: { campaign: 'spring' } }), answers: same(204) },
  checkHostname: { request: () => ({ path: '/v1/hostnames/owners-site' }), answers: same(200) },
  listPlans: { request: () => ({ path: '/v1/plans' }), answers: same(200) },
  checkHealth: { request: () => ({ path: '/v1/health' }), answers: same(200) },
  findSecurityContact: { request: () => ({ path: '/.well-known/security.txt' }), answers: same(200) },
  describeApi: { request: () => ({ path: '/v1/openapi.json' }), answers: same(200) },
  describeSiteFile: { request: () => ({ path: '/v1/schemas/sitewright.json' }), answers: same(200) },
  getSession: { request: () => ({ path: '/v1/session' }), answers: signedIn(200, 200) },
  findSession: { request: () => ({ path: '/v1/session/person' }), answers: same(200) },
  endSession: { request: () => ({ path: '/v1/session' }), answers: signedIn(204, 204) },
  listSessions: { request: () => ({ path: '/v1/sessions' }), answers: signedIn(200, 200) },
  endOtherSessions: { request: () => ({ path: '/v1/sessions' }), answers: signedIn(204, 204) },
  revokeSession: {
    request: () => ({ path: `/v1/sessions/ses_${nobodysId}` }),
    answers: signedIn(404, 404),
    unknown: { path: '/v1/sessions/nothing' },
  },
  getAccount: { request: () => ({ path: '/v1/account' }), answers: signedIn(200, 200) },
  changeAccount: {
    request: () => ({ path: '/v1/account', body: { supportEntry: 'allowed' } }),
    answers: signedIn(200, 200),
  },
  chooseMarketing: {
    request: () => ({ path: '/v1/account/marketing-consent', body: { text: null } }),
    answers: signedIn(200, 200),
  },
  closeAccount: {
    request: () => ({ path: '/v1/account', body: { confirm: 'nobody@example.com' } }),
    answers: signedIn(422, 422),
  },
  reopenAccount: { request: () => ({ path: '/v1/account/deletion' }), answers: signedIn(200, 200) },
  exportAccount: { request: () => ({ path: '/v1/account/export' }), answers: signedIn(200, 200) },
  createSite: { request: () => ({ path: '/v1/sites', body: { slug: 'owners-site' } }), answers: signedIn(409, 409) },
  listSites: { request: () => ({ path: '/v1/sites' }), answers: signedIn(200, 200) },
  getSite: ofSite('', 200),
  changeSite: ofSite('', 409, { sleepAfterMinutes: 60 }),
  chooseProtection: ofSite('/protection', 409, { ownersOnly: true }),
  deleteSite: ofSite('', 409, { confirm: 'owners-site.localhost' }),
  revokeDeletion: ofSite('/deletion', 409),
  extendTrial: ofSite('/extend', 409),
  resumeSite: ofSite('/resume', 409),
  openEntrance: ofSite('/entrance', 409),
  getRehearsal: ofSite('/rehearsal', 200),
  enterRehearsal: ofSite('/rehearsal/entrance', 409),
  revealCredentials: ofSite('/credentials', 409),
  handOverSite: ofSite('/hand-over', 409),
  copySite: ofSite('/archives', 409),
  acceptRelocation: ofSite('/relocation/accept', 409, { revision: 1 }),
  restoreArchive: ofSite(`/archives/arc_${nobodysId}/restore`, 409),
  listArchives: ofSite('/archives', 200),
  getUsage: ofSite('/usage', 200),
  getHistory: ofSite('/history', 200),
  shareSummary: ofSite('/summary-links', 409, {}),
  listSummaryLinks: ofSite('/summary-links', 200),
  revokeSummaryLink: ofSite('/summary-links/lnk_x', 204),
  approveSummary: {
    request: () => ({ method: 'POST', path: '/v1/site-summaries/approvals', body: { token: 'a.b.c' } }),
    answers: same(404),
  },
  openSummary: { request: () => ({ path: '/v1/site-summaries', body: { token: 'a.b.c' } }), answers: same(404) },
  // The blueprint of the sites here keeps its output to operators.
  readLogs: ofSite('/logs', 404),
  createDeployment: ofSite('/deployments', 403, { file: {} }),
  listDeployments: ofSite('/deployments', 200),
  getDeployment: ofSite('/deployments/nothing', 404),
  // Without the name of an environment, it also needs the right to deploy to the site.
  openPush: ofSite('/deployments/push', 403, undefined, { environment: 'demo' }),
  promoteDeployment: ofSite('/deployments/promote', 403, { from: 'production' }),
  rollBackDeployment: ofSite('/deployments/rollback', 403, {}),
  listEnvironments: ofSite('/environments', 200),
  createEnvironment: ofSite('/environments', 409, { name: 'qa' }),
  extendEnvironment: ofSite('/environments/qa/extend', 404, {}),
  deleteEnvironment: ofSite('/environments/qa', 404),
  restoreEnvironment: ofSite('/environments/qa/restore', 404),
  listContainers: ofSite('/containers', 404),
  // The software of the sites here is its vendor's.
  getConfiguration: ofSite('/configuration', 403),
  changeConfiguration: ofSite('/configuration', 403, { variables: { A: 'b' } }),
  exportSite: ofSite('/export', 403),
  openImport: ofSite('/import', 403, { content: 1, manifest: 1 }),
  revealDataSecrets: ofSite('/export/secrets', 403),
  explainSite: ofSite('/explanation', 403),
  getBilling: ofSite('/billing', 200),
  getLastInvoice: ofSite('/billing/invoice', 200),
  previewPlan: {
    request: ({ siteId }) => ({ path: `/v1/sites/${siteId}/billing/preview`, query: choice }),
    answers: signedIn(409, 404),
    unknown: { path: `/v1/sites/site_${nobodysId}/billing/preview`, query: choice },
  },
  getCheckout: ofSite('/checkout', 200),
  beginCheckout: ofSite('/checkout', 409, { plan: 'starter', interval: 'month' }),
  changeOwnPlan: ofSite('/plan', 409, { plan: 'starter', interval: 'month' }),
  openPortal: ofSite('/portal', 409),
  receiveStripeEvent: { request: () => ({ path: '/v1/webhooks/stripe', body: {} }), answers: same(400) },
  requestContact: ofSite('/contact-requests', 204, { topic: 'plans' }),
  linkToArchive: ofSite(`/archives/arc_${nobodysId}/download`, 404),
  addDomain: ofSite('/domains', 402, { hostname: 'www.example.com' }),
  listDomains: ofSite('/domains', 200),
  verifyDomain: ofSite('/domains/www.example.com/verification', 404),
  releaseDomain: ofSite('/domains/www.example.com', 404),
  operatorFindSession: { request: () => ({ path: '/v1/operator/session/present' }), answers: same(200) },
  operatorGetSignInMethod: { request: () => ({ path: '/v1/operator/sign-in/methods' }), answers: same(200) },
  // Here, operators sign in by `/_local/`.
  operatorBeginSignIn: { request: () => ({ path: '/v1/operator/sign-in' }), answers: same(404) },
  operatorFinishSignIn: { request: () => ({ path: '/v1/operator/sign-in/callback' }), answers: same(404) },
  operatorRequestCode: {
    request: () => ({ path: '/v1/operator/sign-in', body: { email: 'ops@example.com' } }),
    answers: same(404),
  },
  operatorVerifyCode: {
    request: () => ({ path: `/v1/operator/sign-in/ops_${nobodysId}/verification`, body: { code: '1', totp: '1' } }),
    answers: same(404),
  },
  operatorGetSession: onPlace('/session', staff(200, 'support', 'sales', 'admin')),
  operatorEndSession: onPlace('/session', staff(200, 'support', 'sales', 'admin')),
  operatorListSessions: onPlace('/sessions', staff(200, 'support', 'sales', 'admin')),
  operatorEndOtherSessions: onPlace('/sessions', staff(204, 'support', 'sales', 'admin')),
  operatorRevokeSession: onPlace(`/sessions/ses_${nobodysId}`, staff(404, 'support', 'sales', 'admin')),
  operatorListSites: {
    request: () => ({ path: '/v1/operator/sites' }),
    answers: staff(200, 'support', 'sales', 'admin'),
  },
  operatorGetSite: onSite('', staff(200, 'support', 'sales', 'admin')),
  operatorListEvents: onSite('/events', staff(200, 'support', 'sales', 'admin')),
  operatorListFailures: onSite('/failures', staff(200, 'support', 'admin')),
  operatorReadLogs: onSite('/logs', staff(200, 'support', 'admin')),
  operatorGetOverview: onPlace('/overview', staff(200, 'support', 'sales', 'admin')),
  operatorGetTimeline: onSite('/timeline', staff(200, 'support', 'sales', 'admin')),
  operatorGetSiteBilling: onSite('/billing', staff(200, 'support', 'sales', 'admin')),
  operatorGetUsage: onSite('/usage', staff(200, 'support', 'sales', 'admin')),
  operatorGetConsequences: {
    request: ({ siteId }) => ({ path: `/v1/operator/sites/${siteId}/consequences`, query: { action: 'suspend' } }),
    answers: staff(200, 'support', 'sales', 'admin'),
  },
  operatorRetry: onSite('/retry', staff(409, 'support', 'admin'), reason),
  operatorEnterSite: onSite('/entrance', staff(409, 'support', 'admin'), reason),
  operatorListPlans: onPlace('/plans', staff(200, 'support', 'sales', 'admin')),
  operatorListCells: onPlace('/cells', staff(200, 'support', 'sales', 'admin')),
  operatorGetSettings: onPlace('/settings', staff(200, 'support', 'admin')),
  operatorExtend: onSite('/extend', staff(409, 'support', 'sales', 'admin'), { by: 'P7D', ...reason }),
  operatorSuspend: onSite('/suspend', staff(409, 'support', 'admin'), reason),
  operatorResume: onSite('/resume', staff(409, 'support', 'admin'), reason),
  operatorRestore: onSite('/restore', staff(409, 'support', 'admin'), reason),
  operatorHandOver: onSite('/hand-over', staff(409, 'support', 'admin'), reason),
  operatorGetRehearsal: onSite('/rehearsal', staff(200, 'sales', 'admin')),
  operatorRehearse: onSite('/rehearsal', staff(409, 'sales', 'admin'), { target: {}, ...reason }),
  operatorHold: onSite('/hold', staff(409, 'support', 'admin'), reason),
  operatorUnhold: onSite('/unhold', staff(409, 'support', 'admin'), reason),
  operatorPurge: onSite('/purge', staff(409, 'admin'), reason),
  operatorGetBrake: onPlace('/brake', staff(200, 'support', 'sales', 'admin')),
  operatorReleaseBrake: onPlace('/brake/release', staff(200, 'admin'), reason),
  operatorPullBrake: onPlace('/brake/pull', staff(200, 'support', 'admin'), reason),
  operatorGetTrials: onPlace('/trials', staff(200, 'support', 'sales', 'admin')),
  operatorSetTrials: onPlace('/trials', staff(200, 'support', 'admin'), { paused: false, ...reason }),
  operatorGetBilling: onPlace('/billing', staff(200, 'support', 'sales', 'admin')),
  operatorReconcileBilling: onPlace('/billing/reconcile', staff(202, 'support', 'admin'), reason),
  operatorMovePolicy: onPlace('/policies/move', staff(400, 'admin'), { from: 1, to: 99, dryRun: true, ...reason }),
  operatorListRollouts: onPlace('/rollouts', staff(200, 'support', 'admin')),
  operatorStartRollout: onPlace('/rollouts', staff(404, 'admin'), { blueprint: 'welcome', version: 99, ...reason }),
  operatorPauseRollout: onPlace('/rollouts/welcome/pause', staff(404, 'support', 'admin'), reason),
  operatorResumeRollout: onPlace('/rollouts/welcome/resume', staff(404, 'admin'), reason),
  operatorAbortRollout: onPlace('/rollouts/welcome/abort', staff(404, 'support', 'admin'), reason),
  operatorRetryRollout: onPlace('/rollouts/welcome/retry', staff(404, 'admin'), reason),
  operatorDrainCell: onPlace('/cells/none/drain', staff(404, 'admin'), reason),
  operatorDeclareCellLost: onPlace('/cells/none/loss', staff(404, 'admin'), reason),
  operatorRelocateSite: onSite('/relocation', staff(409, 'admin'), { cell: 'elsewhere', ...reason }),
  operatorGetConfiguration: onSite('/configuration', staff(200, 'admin')),
  operatorChangeConfiguration: onSite('/configuration', staff(409, 'admin'), { basedOn: 0, ...reason }),
  operatorApplyConfiguration: onSite('/configuration/0/apply', staff(409, 'admin'), reason),
  operatorRestoreReleaseCopy: onSite('/restore-release-copy', staff(409, 'admin'), { archiveId: 'arc_1', ...reason }),
  operatorChangeAllowance: {
    request: ({ accountId }) => ({
      path: `/v1/operator/accounts/${accountId}/allowance`,
      body: { plan: 'enterprise', sites: 2, ...reason },
    }),
    answers: staff(200, 'sales', 'admin'),
  },
  operatorDraftRelocation: onSite('/relocation', staff(409, 'sales', 'admin'), {
    target: { plan: 'starter' },
    window: { from: '2099-12-05T22:00', until: '2099-12-06T04:00', timeZone: 'Europe/Berlin' },
  }),
  operatorWithdrawRelocation: onSite('/relocation/withdraw', staff(409, 'sales', 'admin'), reason),
  operatorConfirmRelocation: onSite('/relocation/confirm', staff(409, 'sales', 'admin'), reason),
  operatorSwitchBack: onSite('/relocation/switch-back', staff(409, 'admin'), { to: 'returned', ...reason }),
  operatorLeaveSite: onSite('/leave', staff(409, 'admin'), { to: 'shop.example.com', ...reason }),
  operatorExportSite: onSite('/export', staff(409, 'admin'), reason),
  operatorImportSite: onSite('/import', staff(400, 'admin'), {
    site: {
      ...{ siteId: `site_${'0'.repeat(26)}`, slug: 'shop', hostname: 'shop.example.com', name: 'Shop' },
      ...{ owner: { email: 'ada@example.com' }, plan: 'trial', blueprint: welcome(1), variables: {}, domains: [] },
      archive: {
        ...{ id: `arc_${'0'.repeat(26)}`, at: '2026-03-01T12:00:00.000Z', kind: 'reclaim', bytes: 1, files: 1 },
        blueprint: { name: 'welcome', version: 1 },
      },
      trialEndsAt: '2026-03-22T12:00:00.000Z',
    },
    secrets: { generated: {}, set: {} },
    ...reason,
  }),
  operatorListWebhooks: onPlace('/webhooks', staff(200, 'sales', 'admin')),
  operatorCreateWebhook: onPlace('/webhooks', staff(400, 'admin'), { url: 'http://a', description: 'CRM', ...reason }),
  operatorGetWebhook: onPlace(`/webhooks/hook_${nobodysId}`, staff(200, 'sales', 'admin')),
  operatorChangeWebhook: onPlace('/webhooks/none', staff(404, 'admin'), reason),
  operatorDeleteWebhook: onPlace('/webhooks/none', staff(404, 'admin'), reason),
  operatorRotateWebhook: onPlace('/webhooks/none/secret', staff(404, 'admin'), reason),
  operatorListWebhookAttempts: onPlace(`/webhooks/hook_${nobodysId}/attempts`, staff(200, 'sales', 'admin')),
  operatorRedeliverWebhook: onPlace('/webhooks/none/attempts/a/redelivery', staff(404, 'sales', 'admin'), reason),
  operatorListLeads: onPlace('/leads', staff(200, 'sales', 'admin')),
  operatorExportLeads: onPlace('/leads/export', staff(200, 'sales', 'admin')),
  operatorListReports: onPlace('/reports', staff(200, 'sales', 'admin')),
  operatorGetReport: onPlace('/reports/funnel', staff(200, 'sales', 'admin')),
  operatorGetLead: onLead(staff(200, 'sales', 'admin')),
  // Somebody else has changed it.
  operatorChangeLead: onLead(staff(409, 'sales', 'admin'), { revision: 99 }),
  operatorChangePlan: onSite('/plan', staff(409, 'sales', 'admin'), { plan: 'starter', ...reason }),
  operatorListBlueprints: onPlace('/blueprints', staff(200, 'support', 'admin')),
  operatorListVersions: onPlace('/blueprint-versions', staff(200, 'sales', 'admin')),
  operatorGetBlueprint: onPlace('/blueprints/welcome/versions/1', staff(200, 'support', 'admin')),
  operatorPublishBlueprint: onPlace('/blueprints', staff(202, 'admin'), {
    blueprint: { ...welcome(2), name: 'shop' },
    ...reason,
  }),
  operatorListAudit: onPlace('/audit', staff(200, 'admin')),
  operatorExportAudit: onPlace('/audit/export', staff(200, 'admin')),
}

/** Capabilities may have rows of their own, in a file beside their tests. */
const withRows = globSync('*/access-rows.ts', { cwd: import.meta.dirname }).map((file) => dirname(file))
const table: typeof central = Object.assign(
  {},
  central,
  ...(await Promise.all(withRows.map(async (folder) => (await import(`./${folder}/access-rows.ts`)).rows))),
)

const operations: readonly Operation[] = functions.flatMap(httpTriggersOf).flatMap((trigger) => trigger.operations)

const addressOf = { owner: 'owner@example.com', 'other owner': 'other@example.com' } as const

/** A stage with two owners, a site that is being built, and everybody who asks for something. */
const openCast = async (onEngine: boolean) => {
  const stage = await openApiStage(() => ({ abuse: unlimited }), undefined, onEngine)
  await stage.store.blueprints.publish(welcome(1))
  const owner = await signIn(stage, addressOf.owner)
  const other = await signIn(stage, addressOf['other owner'])
  const [support, sales, admin] = await Promise.all(
    operatorRoles.map(async (role) => (await stage.operator(`${role}@example.com`, role)).authorization),
  )
  const authorizations = {
    owner: owner.headers.authorization,
    'other owner': other.headers.authorization,
    support: support!,
    sales: sales!,
    admin: admin!,
  }
  const site = await stage.send({
    method: 'POST',
    path: '/v1/sites',
    headers: owner.headers,
    body: { slug: 'owners-site', name: 'The secret plan' },
  })
  expect(site.status).toBe(202)
  const [secrets, createdAt] = [[{ number: 1, createdAt: stage.now() }], stage.now()]
  const endpoint = {
    schemaVersion: 1,
    id: `hook_${nobodysId}`,
    version: 1,
    url: 'https://a',
    description: 'CRM',
  } as const
  await stage.store.webhookEndpoints.write({ ...endpoint, types: [], secrets, createdAt })
  await stage.send({
    method: 'POST',
    path: `/v1/sites/${site.json['id']}/contact-requests`,
    headers: owner.headers,
    body: { topic: 'plans' },
  })
  const scene: Scene = {
    stage,
    signupId: owner.signupId,
    siteId: String(site.json['id']),
    accountId: owner.accountId,
    secrets: [
      owner.accountId,
      owner.headers.authorization.slice('Bearer '.length),
      'The secret plan',
      'owners-site.localhost:4000',
    ],
  }
  return { scene, authorizations }
}
type Cast = Awaited<ReturnType<typeof openCast>>

/** Members of the owner's account, and tokens of it, each with the rank that counts. */
const openTeam = async ({ scene, authorizations }: Cast) => {
  const { stage, accountId } = scene
  const inAccount = { 'sitewright-account': accountId }
  const ofOwner = { authorization: authorizations.owner }
  const join = async (role: string) => {
    const email = `${role}@team.example.com`
    await stage.send({ method: 'POST', path: '/v1/team/invitations', headers: ofOwner, body: { email, role } })
    const { headers } = await signIn(stage, email)
    const { json } = await stage.send({ path: '/v1/invitations', headers })
    const [{ id }] = json['invitations'] as [{ id: string }]
    expect((await stage.send({ method: 'POST', path: `/v1/invitations/${id}/acceptance`, headers })).status).toBe(200)
    return { email, headers: { ...headers, ...inAccount }, rank: role as Rank }
  }
  const tokenOf = async (by: { authorization: string }, role: 'viewer' | 'developer', more: object = {}) => {
    const body = { name: 'CI', role, ...more }
    const { json } = await stage.send({ method: 'POST', path: '/v1/team/tokens', headers: by, body })
    return { headers: { authorization: `Bearer ${json['token']}` }, rank: role as Rank, token: more }
  }
  const ofSiteOnly = { siteId: scene.siteId }
  const members = {
    viewer: await join('viewer'),
    developer: await join('developer'),
    'other owner of the account': await join('owner'),
    'token of a viewer': await tokenOf(ofOwner, 'viewer'),
    'token of a developer': await tokenOf(ofOwner, 'developer'),
    'token of a developer with production': await tokenOf(ofOwner, 'developer', { production: true }),
    'token of a site': await tokenOf(ofOwner, 'developer', ofSiteOnly),
    'token of a site with production': await tokenOf(ofOwner, 'developer', { ...ofSiteOnly, production: true }),
  }
  const foreign = {
    'owner of another account': { authorization: authorizations['other owner'], ...inAccount },
    'token of another account': (
      await tokenOf({ authorization: authorizations['other owner'] }, 'developer', { production: true })
    ).headers,
  }
  return { ofOwner, members, foreign }
}

const onEngine = await openCast(true)
const inMemory = await openCast(false)
afterAll(() => Promise.all([onEngine, inMemory].map(({ scene }) => scene.stage[Symbol.asyncDispose]())))
const { scene } = inMemory
const { stage } = scene
const { members, foreign, ofOwner } = await openTeam(inMemory)

/** Whether docs/teams.md lets somebody do it. */
const isAllowed = ({ id, path }: Operation, who: { rank: Rank; token?: { siteId?: string; production?: boolean } }) => {
  const { min, tokens } = rightsInWords.get(id)!
  const { rank, token } = who
  if (!isAtLeast(rank, min) || (id === 'removeMember' && rank !== 'owner')) return false
  if (token === undefined) return true
  if (tokens === 'none' || (tokens === 'with-production' && !token.production)) return false
  return token.siteId === undefined || path.includes('{id}') || tokens === 'all'
}
const isRightMissing = ({ status, json }: ApiAnswer) =>
  status === 403 && /Your role in this account|[Tt]his token|A token/.test(String(json['detail']))

const withoutReason: ReadonlySet<string> = new Set(['operatorChangeLead', 'operatorDraftRelocation'])

const ask = async (
  { scene: { stage }, authorizations }: Cast,
  who: Who,
  { id, method }: Operation,
  request: Omit<HttpRequest, 'method'>,
): Promise<ApiAnswer> => {
  if (who === 'nobody') return stage.send({ ...request, method })
  // Signing out ends the session that asks for it.
  const authorization =
    id === 'endSession' && (who === 'owner' || who === 'other owner')
      ? (await signIn(stage, addressOf[who])).headers.authorization
      : authorizations[who]
  return stage.send({ ...request, method, headers: { ...request.headers, authorization } })
}

const rowOf = ({ id }: Operation): Row => {
  const row = table[id]
  if (row === undefined) throw new Error(`${id} has no row in this table`)
  return row
}

/** An answer without what is different each time. */
const masked = (answer: ApiAnswer): string => JSON.stringify(answer).replaceAll(/sgn_[0-9a-z]{26}/g, '<id>')

/** What the audit log says that a call was about. */
const targetsOf = ({ path }: Operation, asked: string, { siteId, accountId }: Scene): unknown => {
  if (path.startsWith('/v1/operator/sites')) return expect.arrayContaining([siteId])
  if (/^\/v1\/operator\/(leads|accounts)/.test(path)) return expect.arrayContaining([accountId])
  if (path.includes('/sessions/{')) return [`ses_${nobodysId}`]
  return asked.includes(`/hook_${nobodysId}`) ? [`hook_${nobodysId}`] : []
}

const ofOwners = operations.filter(({ audience }) => audience === 'owner')

const expectNoSecrets = (answer: ApiAnswer): void => {
  const text = JSON.stringify(answer)
  expect(scene.secrets.filter((secret) => text.includes(secret))).toEqual([])
}

describe('the rights of docs/teams.md', () => {
  const freshOf = async (email: string) => (await signIn(stage, email)).headers.authorization

  it('are those of the code, for every operation of owners', () => {
    expect(Object.fromEntries(rightsInWords)).toEqual(rights)
    expect([...rightsInWords.keys()].toSorted()).toEqual(ofOwners.map(({ id }) => id).toSorted())
  })

  it.each(ofOwners)('hold for every member and token that asks for $id', async (operation) => {
    const row = rowOf(operation)
    const { method } = operation
    for (const [name, who] of Object.entries(members)) {
      // These end the session that asks.
      const isEnd = /^end(Other)?Session/.test(operation.id) && 'email' in who
      const fresh = isEnd ? await freshOf(who.email) : who.headers.authorization
      const headers = { ...who.headers, authorization: fresh }
      const answer = await stage.send({ ...row.request(scene), method, headers })
      if ('email' in who && isEnd) Object.assign(who.headers, { authorization: await freshOf(who.email) })
      expect([name, isRightMissing(answer)]).toEqual([name, !isAllowed(operation, who)])
      if (isAllowed(operation, who)) expect([name, answer.status]).toEqual([name, row.answers.owner])
    }
  })

  it.each(ofOwners)('show nothing to another account that asks for $id', async (operation) => {
    for (const [name, headers] of Object.entries(foreign)) {
      const answer = await stage.send({ ...rowOf(operation).request(scene), method: operation.method, headers })
      const isOwnList = name.startsWith('token') && !operation.path.includes('{')
      const hasRight = rightsInWords.get(operation.id)!.tokens !== 'none'
      if (name.startsWith('token') && !hasRight) expect([name, isRightMissing(answer)]).toEqual([name, true])
      else if (!isOwnList) expect([name, answer.status]).toEqual([name, 404])
      expectNoSecrets(answer)
    }
  })
})

describe('production that owners keep to themselves', async () => {
  const kept = await givenSites(stage).active(idSchema('acct').parse(scene.accountId), 'kept-site')
  const protect = (by: object) => {
    const path = `/v1/sites/${kept.id}/protection`
    return stage.send({ method: 'PUT', path, headers: { ...by }, body: { ownersOnly: true } })
  }
  beforeAll(async () => {
    expect((await protect(members.developer.headers)).status).toBe(403)
    expect((await protect(ofOwner)).json).toMatchObject({ ownersOnly: true })
  })
  const sentence = `Only owners change production of ${kept.ownership.name}. Ask an owner of this account, or use an environment.`
  const onSites = ofOwners.filter(({ path }) => path.startsWith('/v1/sites/{id}'))

  it.each(onSites)('is refused to all others by $id, as docs/teams.md says', async (operation) => {
    const { keepable } = rightsInWords.get(operation.id)!
    // What it changes would change the answers to those who come later.
    if (!keepable) return expect(rights[operation.id]?.keepable).toBeUndefined()
    const request = rowOf(operation).request({ ...scene, siteId: kept.id })
    for (const [name, who] of Object.entries({ ...members, holder: { headers: ofOwner, rank: 'holder' as const } })) {
      const { json } = await stage.send({ ...request, method: operation.method, headers: who.headers })
      const reaches = !('token' in who) || !('siteId' in who.token)
      const isKept = reaches && isAllowed(operation, who) && !isAtLeast(who.rank, 'owner')
      expect([name, json['detail'] === sentence]).toEqual([name, isKept])
    }
  })

  it('leaves its environments to developers', async () => {
    const environmentOf = { siteId: kept.id, name: 'qa' }
    const id = idSchema('site').parse(`site_${nobodysId}`)
    const acting = { accountId: kept.ownership.accountId, rank: 'developer' } as Acting
    const sites = { get: async () => ({ ...kept, id, environmentOf, ownersOnly: true as const }) }
    await expect(requireRight({ sites }, 'createDeployment', acting, id)).resolves.toBeUndefined()
  })
})

describe('the table of access', () => {
  it('has a row for every route, and none for another', () => {
    expect(Object.keys(table).toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
  })

  it('has names by which the audit log tells reading from changing', () => {
    const isRead = (id: string) => Object.values(readPrefixes).some((prefix) => id.startsWith(prefix))
    const named = operations.filter(({ audience, method, id }) => {
      return audience === 'operator' && (method === 'GET' && !id.includes('Export')) !== isRead(id)
    })
    expect(named.map(({ id }) => id)).toEqual([])
  })

  it.each(operations)(
    'lets $method $path answer each as their row says, with nothing that is the owner’s alone',
    async (operation) => {
      const row = rowOf(operation)
      const answers = new Map<Who, ApiAnswer>()
      for (const who of everybody) {
        const answer = await ask(inMemory, who, operation, row.request(scene))
        answers.set(who, answer)
        expect([who, answer.status]).toEqual([who, row.answers[who]])
        // An operator may see everything of an owner; everybody else learns nothing.
        const isForOperators = operation.audience === 'operator' && answer.status < 400
        if (who !== 'owner' && !isForOperators) expectNoSecrets(answer)
      }
      if (operation.audience === 'public') expect(new Set([...answers.values()].map(masked)).size).toBe(1)
    },
  )

  it.each(operations.filter(({ audience }) => audience !== 'public'))(
    'admits only the audience of $method $path',
    (operation) => {
      const { answers } = rowOf(operation)
      expect(answers.nobody).toBe(401)
      const roles = operatorRoles.filter((role) => ![401, 403].includes(answers[role]))
      expect(roles).toEqual(operation.roles ?? [])
      if (operation.audience === 'operator') expect([answers.owner, answers['other owner']]).toEqual([401, 401])
    },
  )

  it('has something unknown for every route that names what is an owner’s', () => {
    const named = ofOwners.filter(({ path }) => path.includes('{')).map(({ id }) => id)
    const unknown = Object.entries(table).filter(([, row]) => row.unknown !== undefined)
    expect(unknown.map(([id]) => id).toSorted()).toEqual(named.toSorted())
  })

  it.each(ofOwners.filter(({ id }) => table[id]?.unknown))(
    'answers alike for foreign and missing resources: $method $path',
    async (operation) => {
      const { unknown, request } = rowOf(operation)
      const others = await ask(inMemory, 'other owner', operation, request(scene))
      expect(others).toEqual(await ask(inMemory, 'other owner', operation, unknown!))
      expect(others.status).toBe(404)
    },
  )
})

// Each route, and so each expression, meets the engine here.
describe('the table of access, on the engine', () => {
  const { scene } = onEngine

  it.each(operations.filter(({ audience }) => audience !== 'operator'))(
    'holds for an owner who asks for $method $path',
    async (operation) => {
      const row = rowOf(operation)
      expect((await ask(onEngine, 'owner', operation, row.request(scene))).status).toBe(row.answers.owner)
    },
  )

  it.each(operations.filter(({ audience }) => audience === 'operator'))(
    'holds for an operator who asks for $method $path, and that is in the audit log before the answer',
    async (operation) => {
      const { request, answers } = rowOf(operation)
      const asked = request(scene)
      expect((await ask(onEngine, 'admin', operation, asked)).status).toBe(answers.admin)
      const { items } = await scene.stage.store.auditLog.page({ order: 'newest first', limit: 1 })
      expect(items).toMatchObject([
        {
          who: { kind: 'operator', id: expect.stringMatching(/^op_/), role: 'admin' },
          action: operation.id,
          targets: targetsOf(operation, asked.path, scene),
          from: { network: '127.0.0.1' },
          requestId: 'req_test',
          // A lead and a plan are changed without a reason.
          ...(asked.body && !withoutReason.has(operation.id) && { reason: 'a test' }),
        },
      ])
    },
  )
})
