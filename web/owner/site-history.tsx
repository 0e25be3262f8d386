import type { Site } from './use-site.ts'

export const SiteHistory = ({ site }: { readonly site: Site }) => <p>{site.name}</p>
