import { useMutation } from '@tanstack/react-query'
import type { MouseEvent } from 'react'
import { enterSite } from '../api/enter-site.ts'
import { LinkButton } from '../ui/button.tsx'
import { usePage } from './use-page.ts'
import type { Site } from './use-site.ts'

const isPlainClick = ({ button, altKey, ctrlKey, metaKey, shiftKey }: MouseEvent): boolean =>
  button === 0 && !altKey && !ctrlKey && !metaKey && !shiftKey

/** Opens a site as its owner; in another tab, as for everybody. */
export const OpenSite = ({ site }: { readonly site: Site }) => {
  const { t } = usePage()
  const entering = useMutation({ mutationFn: enterSite })
  return (
    <LinkButton
      href={site.url}
      data-busy={entering.isPending ? '' : undefined}
      onClick={(event) => {
        if (!isPlainClick(event)) return
        event.preventDefault()
        if (!entering.isPending) entering.mutate(site)
      }}
    >
      {t('site.open')}
    </LinkButton>
  )
}
