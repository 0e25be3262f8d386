import { ofSite } from '../access-row.ts'

export const rows = { getGreeting: ofSite('/greeting', 404) }
