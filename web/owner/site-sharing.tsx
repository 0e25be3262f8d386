import type { Site } from './use-site.ts'

export const SiteSharing = ({ site }: { readonly site: Site }) => <p>{site.name}</p>
