import type { ownerParts as english } from '../en/owner-parts.ts'

export const ownerParts: Record<keyof typeof english, string> = {
  'account.title': 'Ihr Konto',
}
