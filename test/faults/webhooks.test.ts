import type { Id } from '../../core/ids.ts'
import { webhookTypes } from '../../lambdas/webhooks/webhook-types.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { createSite, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const email = 'ada@example.com'
const endpointId: Id<'hook'> = 'hook_01jq3v5k8m0000000000000000'

/** Longer than the first pause between two attempts, and longer than a lost attempt is waited for. */
const betweenAttempts = 80_000
/** Together longer than the pauses after a lost attempt and two that failed. */
const sweeps = 10

const connect = async (world: World) => {
  const { store } = await world.host()
  const { token } = await signIn(world, email)
  await world.quiet()
  const createdAt = world.clock.now()
  await store.webhookEndpoints.write({
    ...{ schemaVersion: 1, id: endpointId, version: 1, url: 'https://crm.example.com/', description: 'CRM' },
    ...{ types: ['site.created'], secrets: [{ number: 1, createdAt }], createdAt },
  })
  return () => createSite(world, email, token, 'shop')
}

/** One site is one webhook, which was tried again after its failure, and signed and filled each time. */
const arrived = async (world: World): Promise<readonly string[]> => {
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    world.clock.advance(betweenAttempts)
    await world.tick('send-webhooks')
    await world.quiet()
  }
  const { ofKind } = readStoredItems(world.tables)
  const ids = new Set(world.webhooks.map(({ id }) => id))
  const bodies = world.webhooks.map(({ body }) => JSON.parse(body) as { type: string; data: { account: unknown } })
  return [
    ...ofKind('webhook-delivery').map(({ sk }) => `${sk} was not delivered`),
    ...(ids.size === 1 ? [] : [`${ids.size} webhooks of one site`]),
    ...(world.webhooks.length >= 2 ? [] : ['it was not tried again']),
    ...(world.webhooks.length <= 3 ? [] : [`${world.webhooks.length} attempts, with one that was lost`]),
    ...bodies.flatMap((body) =>
      webhookTypes.includes(body.type as 'site.created') && JSON.stringify(body).includes(email) ? [] : [body.type],
    ),
  ]
}

sweepTest(
  {
    name: 'telling an endpoint of webhooks that fails at first',
    health: 'well',
    poolTarget: 1,
    expected: { active: 1 },
    prepare: connect,
    check: arrived,
  },
  [
    'send-webhooks webhookEndpoints.list',
    'send-webhooks webhookDeliveries.queue',
    'send-webhooks webhookEndpoints.read',
    'send-webhooks webhookDeliveries.replace',
    'send-webhooks webhookSender.send',
    'send-webhooks webhookLog.append',
  ],
)
