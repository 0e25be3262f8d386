import type { catalogue } from '../texts/en/owner.ts'
import { usePageOf } from '../ui/use-page.ts'

export const usePage = () => usePageOf<keyof typeof catalogue>()
