import { openStripeStandIn } from '../../../packages/stripe-stand-in/index.ts'
import { createCustomer } from '../../../packages/stripe-stand-in/resources/customers.ts'
import { silent } from './scene.ts'

/** Makes customers until it is killed, and says of each once it is committed. */
const [path = ''] = process.argv.slice(2)
const clock = (): string => new Date().toISOString()
const standIn = openStripeStandIn({
  path,
  clocks: { domain: clock, wall: clock },
  log: silent,
  address: 'http://localhost',
  secretKey: 'sk_test_killed',
})
for (;;) {
  const { id } = standIn.step((world) => createCustomer(world, { email: 'a@example.com', metadata: {} }))
  process.stdout.write(`${id}\n`)
}
