import { resolve } from 'node:path'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'

/** A site that starts as fast as a process can; a `sick` one runs, and never becomes healthy. */
export const tinyBlueprint = (health: 'well' | 'sick'): Blueprint =>
  parseBlueprint(
    {
      name: 'tiny',
      version: 1,
      title: 'Tiny',
      containers: [
        { name: 'web', image: 'tiny', process: { command: ['node', 'tiny-site.mjs'] }, secrets: ['TINY_SECRET'] },
      ],
      traffic:
        health === 'well'
          ? { container: 'web', healthPath: '/', startSeconds: 60 }
          : { container: 'web', healthPath: '/sick', startSeconds: 3 },
      data: { mode: 'exclusive' },
    },
    'the tiny blueprint',
  )

export const resolveTiny = (_blueprint: Blueprint, path: string): string => resolve(import.meta.dirname, path)
