import type { Site } from './use-site.ts'

export const SiteCopies = ({ site }: { readonly site: Site }) => <p>{site.name}</p>
