import type { Site } from './use-site.ts'

export const SiteDomains = ({ site }: { readonly site: Site }) => <p>{site.name}</p>
