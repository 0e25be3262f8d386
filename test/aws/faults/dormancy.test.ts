import { vi } from 'vitest'
import { sweepTest } from './sweep-test.ts'

// Seconds of waiting are what such a run is made of; nothing else of what is deployed is changed.
vi.mock('../../../adapters/console-log.ts', () => import('./silent-log.ts'))
vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))
vi.mock('../../../cloud/parts/client-settings.ts', () => import('./hasty-clients.ts'))
vi.mock('../../../adapters/cells/client-settings.ts', () => import('./hasty-clients.ts'))

sweepTest('dormancy')
