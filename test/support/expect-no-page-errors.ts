import { afterEach, expect } from 'vitest'
import { pageErrors } from './page-errors.ts'

// Vitest loads this for each file. A hook in a module that files share would be one of the first file alone.
pageErrors.length = 0
afterEach(() => expect(pageErrors.splice(0)).toEqual([]))
