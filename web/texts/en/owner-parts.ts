/** Texts of the parts of a site and of the account, as their owner sees them. */
export const ownerParts = {
  'account.title': 'Your account',
}
