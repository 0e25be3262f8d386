import * as z from 'zod'
import { forOperators, forOwners } from '../_runtime/operation.ts'
import { line, siteParams } from '../http/input-forms.ts'
import { operatorSiteSchema } from '../operators/answers.ts'

const reason = line(500).describe('The reason, for the history of the site. Do not include personal data.')

const localTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/, 'must be a local time such as 2026-12-05T22:00')
  .meta({ description: 'A local time in the time zone of the window.', example: '2026-12-05T22:00' })

const always = ['NotFound', 'TransitionNotAllowed', 'VersionConflict'] as const

const act = { params: siteParams, body: z.strictObject({ reason }), errors: always } as const

export const relocationOperations = forOperators({
  operatorDraftRelocation: {
    put: '/v1/operator/sites/{id}/relocation',
    roles: ['sales', 'admin'],
    summary:
      'Plan a relocation of a site, or change the plan: its owner has to accept each version of it. Without a window, change its contract at once.',
    params: siteParams,
    body: z.strictObject({
      target: z
        .strictObject({
          plan: z.string().max(64).optional(),
          blueprint: z.strictObject({ name: z.string().max(31), version: z.int().positive() }).optional(),
          configuration: z
            .int()
            .nonnegative()
            .optional()
            .describe('The version of its own variables and secrets; 0 for none.'),
          cell: z.string().max(64).optional(),
        })
        .default({})
        .describe('What the site is to run, and where. What is left out stays as it is.'),
      window: z
        .strictObject({
          from: localTime,
          until: localTime,
          timeZone: z.string().max(64).meta({ example: 'Europe/Berlin' }),
        })
        .optional()
        .describe('When it may happen: half an hour to three days. Without it, only the contract changes, at once.'),
      contract: z
        .strictObject({ number: line(60), firstDay: z.iso.date(), lastDay: z.iso.date(), note: line(500).optional() })
        .nullish()
        .describe(
          "Counts from the confirmation; without a window, from now on, and null ends that of the site. A first one is refused with 409 while a change of the plan waits for the owner's bank.",
        ),
      confirmDays: z
        .int()
        .min(1)
        .max(30)
        .default(14)
        .describe('For how many days the site can go back. Without an answer it is confirmed then.'),
      reason: reason.optional(),
    }),
    errors: always,
  },
  operatorWithdrawRelocation: {
    ...act,
    post: '/v1/operator/sites/{id}/relocation/withdraw',
    roles: ['sales', 'admin'],
    summary: 'Withdraw a planned relocation.',
  },
  operatorConfirmRelocation: {
    ...act,
    post: '/v1/operator/sites/{id}/relocation/confirm',
    roles: ['sales', 'admin'],
    summary:
      'Confirm a relocation: the site stays as it is now. If that is under a contract, its subscription is not renewed.',
  },
  operatorSwitchBack: {
    ...act,
    post: '/v1/operator/sites/{id}/relocation/switch-back',
    roles: ['admin'],
    summary:
      'Go back to what the site was before its relocation, or forward again. The data of now becomes an archive.',
    body: z.strictObject({
      to: z
        .enum(['switched', 'returned'])
        .describe(
          'The state that the relocation is to have: `returned` goes back, `switched` forward. Where it has that state, or is on its way there, nothing changes.',
        ),
      reason,
    }),
    errors: [...always, 'OperationInProgress'],
  },
})

export const ownerRelocationOperations = forOwners({
  acceptRelocation: {
    post: '/v1/sites/{id}/relocation/accept',
    summary: 'Accept a planned relocation: plan, contract, window and how long it interrupts the site.',
    params: siteParams,
    body: z.strictObject({
      revision: z.int().positive().describe('`relocation.revision` of the site, as you read it.'),
    }),
    errors: always,
  },
})

const site = (description: string) => ({ description, schema: operatorSiteSchema })

export const relocationAnswers = {
  operatorDraftRelocation: { 200: site('The site with the planned relocation, or the changed contract.') },
  operatorWithdrawRelocation: { 200: site('The site without a planned relocation.') },
  operatorConfirmRelocation: { 200: site('The site, which stays as it is.') },
  operatorSwitchBack: { 202: site('The operation `upgrade` has started, now or by an earlier request.') },
} as const
