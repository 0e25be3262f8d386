import * as z from 'zod'
import { billingIntervals } from '../../core/plan/plan.ts'
import { forOwners } from '../_runtime/operation.ts'
import { siteParams } from '../http/input-forms.ts'
import { previewMinutes } from './purchase/admit-payment-act.ts'

const choiceForm = {
  plan: z.string().max(64).describe('The id of a plan that has prices.'),
  interval: z.enum(billingIntervals),
}

export const billingOperations = forOwners({
  getBilling: {
    get: '/v1/sites/{id}/billing',
    summary: 'Get the subscription of a site.',
    params: siteParams,
    errors: ['NotFound'],
  },
  getLastInvoice: {
    get: '/v1/sites/{id}/billing/invoice',
    summary: 'Get the last paid invoice of a site, with a link to it and its receipt at Stripe.',
    params: siteParams,
    errors: ['NotFound', 'RateLimited', 'Unavailable'],
  },
  previewPlan: {
    get: '/v1/sites/{id}/billing/preview',
    summary: 'Ask Stripe what a change of plan charges now. Nothing changes.',
    params: siteParams,
    query: z.strictObject(choiceForm),
    errors: ['NotFound', 'TransitionNotAllowed', 'RateLimited', 'PaymentRequired', 'Unavailable'],
  },
  getCheckout: {
    get: '/v1/sites/{id}/checkout',
    summary: 'Ask Stripe what became of the payment in the latest checkout of a site.',
    params: siteParams,
    errors: ['NotFound', 'RateLimited', 'Unavailable'],
  },
  beginCheckout: {
    post: '/v1/sites/{id}/checkout',
    summary: 'Start a checkout for a plan. A repeated request returns the same checkout; another choice replaces it.',
    params: siteParams,
    body: z.strictObject({
      ...choiceForm,
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, 'must be a currency such as EUR')
        .optional()
        .describe("Default: the account's currency once it has bought something, otherwise the plan's first."),
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'LimitsExceeded', 'RateLimited', 'VersionConflict', 'Unavailable'],
  },
  changeOwnPlan: {
    post: '/v1/sites/{id}/plan',
    summary:
      'Change the plan of a running subscription. The difference is charged or credited at once. Another choice replaces a change that waits for the bank; the present plan drops it.',
    params: siteParams,
    body: z.strictObject({
      ...choiceForm,
      previewedAt: z.iso
        .datetime({ precision: 3 })
        .optional()
        .describe(`The \`at\` of a preview of the last ${previewMinutes} minutes: the change charges the same amount.`),
    }),
    errors: [
      'NotFound',
      'TransitionNotAllowed',
      'LimitsExceeded',
      'RateLimited',
      'PaymentRequired',
      'PaymentDeclined',
      'Unavailable',
    ],
  },
  openPortal: {
    post: '/v1/sites/{id}/portal',
    summary: 'Create a link to cards, invoices and cancellation. It is valid for a few minutes.',
    params: siteParams,
    errors: ['NotFound', 'TransitionNotAllowed', 'RateLimited', 'VersionConflict', 'Unavailable'],
  },
})
