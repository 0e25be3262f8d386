import { catalogue as de } from '../texts/de/shared.ts'
import { catalogue as en } from '../texts/en/shared.ts'
import { emptyScreen } from '../ui/empty-screen.ts'

export const firstScreens = emptyScreen('shared', { en, de })
