import { type Blueprint, parseBlueprint } from '../../../core/blueprint/blueprint.ts'

/** As publishing a blueprint leaves it: in a repository of ours, pinned. */
export const probeImageOnAws = `registry.example.com/probe@sha256:${'d'.repeat(64)}`

interface ProbeOptions {
  readonly name: string
  readonly health: 'well' | 'sick'
  readonly mode?: Blueprint['data']['mode']
}

/** The probe site, as a blueprint that is published on AWS; a sick one never answers its health path. */
export const probeBlueprint = ({ name, health, mode = 'exclusive' }: ProbeOptions): Blueprint =>
  parseBlueprint(
    {
      name,
      version: 1,
      title: 'Probe',
      containers: [
        {
          name: 'probe-site',
          image: probeImageOnAws,
          command: ['node', '/app/probe-site.mjs'],
          environment: { PROBE_OF: String(process.pid) },
          secrets: ['TOKEN'],
        },
      ],
      traffic: {
        container: 'probe-site',
        healthPath: health === 'well' ? '/healthz' : '/nowhere',
        startSeconds: health === 'well' ? 60 : 1,
      },
      data: { mode },
    },
    'the probe blueprint',
  )
