/** What an expandable field names. */
export const idOf = (thing: string | { readonly id: string }): string => (typeof thing === 'string' ? thing : thing.id)
