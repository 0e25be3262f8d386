import * as z from 'zod'
import { forOwners } from '../_runtime/operation.ts'
import { line } from '../http/input-forms.ts'

export const accountOperations = forOwners({
  getAccount: { get: '/v1/account', summary: 'Get the account.', errors: ['NotFound'] },
  changeAccount: {
    patch: '/v1/account',
    summary: 'Allow or refuse that support staff enter your sites.',
    body: z.strictObject({ supportEntry: z.enum(['allowed', 'refused']) }),
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  chooseMarketing: {
    put: '/v1/account/marketing-consent',
    summary: 'Agree to marketing, or withdraw that.',
    body: z.strictObject({
      text: line(40).nullable().describe('The version of the text that you agree to; null withdraws the consent.'),
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  closeAccount: {
    delete: '/v1/account',
    summary: 'Delete the account and its sites. You can cancel that for some days, if there are sites.',
    body: z.strictObject({ confirm: z.string().max(254).describe('The e-mail address of the account.') }),
    errors: ['NotFound', 'ConfirmationWrong', 'VersionConflict'],
  },
  reopenAccount: {
    delete: '/v1/account/deletion',
    summary:
      'Cancel the deletion of the account and of the sites that it began. Those that are paid for run again; the others stay suspended until you resume them.',
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  exportAccount: {
    get: '/v1/account/export',
    summary: 'Download everything that is stored about you and your account.',
    errors: ['NotFound'],
  },
})
