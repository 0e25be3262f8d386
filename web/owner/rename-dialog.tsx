import { useMutation } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field, focusField } from '../ui/field.tsx'
import { toast } from '../ui/toast.tsx'
import { usePage } from './page.ts'
import { addressOf } from './site-words.ts'
import { type Site, useUpdateSite } from './use-site.ts'

/** Renames a site. Its address stays. */
export const RenameDialog = ({ site, onClose }: { readonly site: Site; readonly onClose: () => void }) => {
  const { t, sayProblem } = usePage()
  const update = useUpdateSite(site.id)
  const rename = async (name: string) => {
    const after = await bodyOf(api.PATCH('/v1/sites/{id}', { params: { path: { id: site.id } }, body: { name } }))
    await update(after)
    return t('rename.done', { name: after.name })
  }
  const undo = () =>
    rename(site.name).then(
      (text) => toast({ text }),
      (error: unknown) => toast({ text: sayProblem(error), tone: 'danger' }),
    )
  const renaming = useMutation({
    mutationFn: (form: HTMLFormElement) => rename(String(new FormData(form).get('name') ?? '').trim()),
    onSuccess: (text) => {
      onClose()
      toast({ text, undo })
    },
    onError: (_error, form) => focusField(form, 'name'),
  })
  return (
    <Dialog title={t('rename.open')} isOpen onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!renaming.isPending) renaming.mutate(event.currentTarget)
        }}
      >
        <Field
          label={t('rename.name')}
          name="name"
          defaultValue={site.name}
          maxLength={100}
          dir="auto"
          autoComplete="off"
          autoFocus
          required
          hint={t('rename.hint', { hostname: addressOf(site) })}
        />
        <Failure error={renaming.error} />
        <div className="actions">
          <Button type="submit" isBusy={renaming.isPending}>
            {t('rename.act')}
          </Button>
          <Button tone="quiet" onClick={onClose}>
            {t('parts.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
