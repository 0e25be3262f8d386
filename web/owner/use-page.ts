import type { catalogue } from '../texts/catalogues/owner.ts'
import { usePageOf } from '../ui/use-page.ts'

export const usePage = () => usePageOf<keyof typeof catalogue>()
