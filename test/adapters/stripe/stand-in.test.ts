import { paymentsContract } from './contract.ts'
import { openOnStandIn } from './open-on-stand-in.ts'

paymentsContract('Stripe’s adapter before the stand-in', () => openOnStandIn())
