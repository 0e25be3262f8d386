import { catalogue as de } from '../texts/de/operator.ts'
import { catalogue as en } from '../texts/en/operator.ts'
import { emptyScreen } from '../ui/empty-screen.ts'

export const firstScreens = emptyScreen('operator', { en, de })
