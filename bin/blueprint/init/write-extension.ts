import { readBlueprint } from '../../../adapters/files/blueprint-files.ts'

/** Begins a file that extends the blueprint in another one. */
export const writeExtension = async (base: string, name: string | undefined): Promise<string> => {
  const { name: of, version, title, containers } = await readBlueprint(base)
  const [first] = containers
  return `# Maps merge by key, containers by name, other lists are replaced, and null removes.
name: ${name ?? `${of}-custom`.slice(0, 31)}
version: 1
extends:
  name: ${of}
  version: ${version}
title: ${JSON.stringify(title)}
# The plans that it is for; all by default.
# plans: [enterprise]
containers:
  # There are: ${containers.map((container) => container.name).join(', ')}.
  ${first?.name}:
    environment: {}
    # image: registry.example.com/custom@sha256:…
    # command: [custom, serve]
`
}
