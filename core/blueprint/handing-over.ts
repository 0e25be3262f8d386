import * as z from 'zod'
import type { SiteEntry } from '../site/hand-over/hand-over.ts'
import type { Blueprint } from './blueprint.ts'

/** Who gets into a site: everybody once it is handed over, its owner alone, or everybody at once. */
export const blueprintAccessSchema = z.enum(['claimed', 'owner', 'public'])

/** What the record of a new site keeps of its blueprint's way in. */
export const entryOf = ({ access }: Pick<Blueprint, 'access'>): SiteEntry => (access === 'owner' ? { access } : {})
