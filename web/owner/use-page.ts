import type { catalogue } from '../texts/en/owner.ts'
import type { Texts } from '../texts/texts.ts'
import { usePageOf } from '../ui/use-page.ts'

/** The texts of the page, for functions that say something. */
export type Words = Texts<keyof typeof catalogue>

export const usePage = () => usePageOf<keyof typeof catalogue>()
