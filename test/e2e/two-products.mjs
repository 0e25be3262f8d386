import { runHost } from '../../bin/host/run-host.ts'
import { defineConfig } from '../../core/config/config.ts'
import config from '../../sitewright.config.ts'

const questions = [
  { id: 'goal', kind: 'text', label: { en: 'Your goal', de: 'Ihr Ziel' } },
  {
    id: 'role',
    kind: 'choice',
    label: { en: 'Your role', de: 'Ihre Rolle' },
    options: [
      { id: 'teacher', label: { en: 'Teacher', de: 'Lehrkraft' } },
      { id: 'head', label: { en: 'Head of school', de: 'Schulleitung' } },
    ],
  },
]

/** A host with a choice: the first product is the default. One of its offers has one product and questions, one has trials of its own, and one has ended. */
await runHost(
  defineConfig({
    ...config,
    offeredBlueprints: ['welcome', 'shop'],
    offers: [
      { id: 'schools', paths: ['/schools'], blueprint: 'shop', questions },
      { id: 'clubs', paths: ['/clubs'], trials: 'one-per-offer' },
      { id: 'fair', paths: ['/fair'], lastDay: '2026-01-31' },
    ],
  }),
)
