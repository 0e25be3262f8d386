import type { catalogue } from '../texts/en/operator.ts'
import { usePageOf } from '../ui/use-page.ts'

export const usePage = () => usePageOf<keyof typeof catalogue>()
