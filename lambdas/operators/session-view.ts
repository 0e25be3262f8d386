import type * as z from 'zod'
import type { Context } from '../../core/ports/context.ts'
import type { Operator } from '../../core/ports/tokens.ts'
import type { SignedInOperator } from '../_runtime/authenticate-operator.ts'
import type { Operation } from '../_runtime/operation.ts'
import { idleEnd, operatorSessionLife } from '../accounts/session/session-life.ts'
import { bundleOperations } from '../bundles/operations.ts'
import { configurationOperations } from '../configuration/operations.ts'
import { allowanceOperations } from '../deployments/operations.ts'
import { leadOperations } from '../leads/operations.ts'
import type { Offers } from '../offers/offers.ts'
import { operatorRehearsalOperations } from '../rehearsals/operations.ts'
import { rolloutOperations } from '../releases/operations.ts'
import { relocationOperations } from '../relocations/operations.ts'
import { reportOperations } from '../reports/operations.ts'
import { logOperations } from '../sites/logs/operations.ts'
import { webhookEndpointOperations } from '../webhooks/operations.ts'
import { insightOperations, siteBillingOperations } from './insight-operations.ts'
import { operatorOperations } from './operations.ts'
import type { operatorSessionViewSchema } from './sign-in-answers.ts'
import { operatorSignInOperations as operations } from './sign-in-operations.ts'
import { operatorSiteOperations } from './site-operations.ts'

export interface SessionViewPorts extends Pick<Context, 'brand' | 'clocks' | 'plans'> {
  readonly offers: Offers
}

const forOperators = [
  operatorSiteOperations,
  operatorOperations,
  insightOperations,
  siteBillingOperations,
  logOperations,
  configurationOperations,
  rolloutOperations,
  webhookEndpointOperations,
  operations,
  leadOperations,
  reportOperations,
  operatorRehearsalOperations,
  relocationOperations,
  bundleOperations,
  allowanceOperations,
].flatMap((all): readonly Operation[] => Object.values(all))

export const permittedTo = (role: Operator['role']): string[] =>
  forOperators.flatMap(({ id, roles }) => (roles?.includes(role) === true ? [id] : []))

/** An offer without a name is the installation's own, or is called by its id. */
const namesOf = ({ plans, offers, brand }: SessionViewPorts) => ({
  plans: Object.fromEntries(plans.plans.map(({ id, name }) => [id, name])),
  offers: Object.fromEntries(
    offers.all.map((offer, at) => [offer.id, offer.brand.brand ?? (at === 0 ? brand : offer.id)]),
  ),
})

export const sessionView = (
  ports: SessionViewPorts,
  { operatorId, role, session }: SignedInOperator,
): z.infer<typeof operatorSessionViewSchema> => ({
  operator: { id: operatorId, email: session?.email ?? null, role },
  operations: permittedTo(role),
  session:
    session === undefined ? null : { idleEndsAt: idleEnd(session, operatorSessionLife), expiresAt: session.expiresAt },
  names: namesOf(ports),
  now: ports.clocks.domain(),
})
