import { operationsFor } from '../_runtime/operation.ts'
import { siteParams } from '../http/input-forms.ts'

const { get } = operationsFor({ audience: 'owner' })

export const greetingOperations = {
  getGreeting: {
    ...get,
    id: 'getGreeting',
    path: '/v1/sites/{id}/greeting',
    summary: 'Get what a site was greeted with.',
    params: siteParams,
    errors: ['NotFound'],
  },
} as const
