import type { catalogue } from '../texts/catalogues/shared.ts'
import { usePageOf } from '../ui/use-page.ts'

export const usePage = () => usePageOf<keyof typeof catalogue>()
