import type { Site } from './use-site.ts'

export const SiteUsage = ({ site }: { readonly site: Site }) => <p>{site.name}</p>
