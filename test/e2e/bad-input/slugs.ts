import { type Row, row, site } from './row.ts'

/** The rules are tested by themselves: test/core/hostname/slug.test.ts. */
export const slugs: readonly Row[] = [
  row('a name with a line break', [422, 'hostname-not-allowed', 'slug'], site({ slug: 'shop\n' })),
  row('a name that is taken', [409, 'hostname-taken', 'slug'], site({ slug: 'taken' })),
  row('a name of the wrong type', [400, 'invalid-request', 'slug'], site({ slug: ['shop'] })),
]
