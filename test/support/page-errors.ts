/** What went wrong on the pages of the present test. `expect-no-page-errors.ts` looks at it after each. */
export const pageErrors: string[] = []
