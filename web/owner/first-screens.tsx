import { catalogue as de } from '../texts/de/owner.ts'
import { catalogue as en } from '../texts/en/owner.ts'
import { emptyScreen } from '../ui/empty-screen.ts'

export const firstScreens = emptyScreen('sites', { en, de })
