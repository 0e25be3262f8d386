import { useMutation } from '@tanstack/react-query'
import { api, bodyOf, isKind } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { type Fact, Facts, Notice, Panel } from '../ui/panel.tsx'
import { type Relocation, useRelocationFacts } from '../ui/relocation-facts.ts'
import { toast } from '../ui/toast.tsx'
import { useMay, usePage, useUpdateSite } from './page.ts'
import type { Site } from './site-words.ts'

/** Accepts the plan as it was read. Afterwards the page shows the plan of now, whatever the answer was. */
const useAcceptance = (id: string) => {
  const { t } = usePage()
  const update = useUpdateSite(id)
  return useMutation({
    mutationFn: (revision: number) =>
      bodyOf(api.POST('/v1/sites/{id}/relocation/accept', { params: { path: { id } }, body: { revision } })),
    onSuccess: async (after) => {
      await update(after)
      toast({ text: t('relocation.done') })
    },
    onError: () => update(),
  })
}

/** What is agreed on, when it happens and for how long it interrupts the site. */
const useFacts = (relocation: Relocation): readonly Fact[] => {
  const { t, format } = usePage()
  const { target, interruption } = relocation
  const rows = [
    [t('facts.plan'), target.planName],
    ...useRelocationFacts(relocation),
    [
      t('relocation.interruption'),
      interruption && t('relocation.about', { time: format.duration(interruption.seconds) }),
    ],
  ] as const
  return rows.filter(([, value]) => value !== null)
}

interface PlannedProps {
  readonly relocation: Relocation
  readonly accepting: ReturnType<typeof useAcceptance>
}

const Planned = ({ relocation, accepting }: PlannedProps) => {
  const { t } = usePage()
  const may = useMay()
  return (
    <Panel title={t('relocation.title')} variant="wide">
      <p>{t('relocation.lead')}</p>
      <Facts facts={useFacts(relocation)} />
      <p className="quiet-text">{t('relocation.stays')}</p>
      {may('acceptRelocation') ? (
        <div className="actions">
          <Button isBusy={accepting.isPending} onClick={() => accepting.mutate(relocation.revision)}>
            {t('relocation.accept')}
          </Button>
        </div>
      ) : null}
    </Panel>
  )
}

/** The part of a plan that concerns the owner now. A plan that was not rehearsed yet is not shown. */
const Status = ({ relocation, accepting }: PlannedProps) => {
  const { t, format } = usePage()
  const { state, window, interruption, confirmedAt } = relocation
  if (state === 'draft' && interruption !== null) return <Planned relocation={relocation} accepting={accepting} />
  if (state === 'accepted') {
    const windows = format.windows(window).map(([zone, text]) => `${text} (${zone})`)
    return <Notice>{t('relocation.accepted', { windows: windows.join(', ') })}</Notice>
  }
  return state === 'switched' && confirmedAt !== null ? (
    <Notice>{t('relocation.switched', { at: format.instant(confirmedAt) })}</Notice>
  ) : null
}

/** A planned change of the site: to accept, agreed on, or done. */
export const RelocationCard = ({ site: { id, relocation } }: { readonly site: Site }) => {
  const { t, sayProblem } = usePage()
  const accepting = useAcceptance(id)
  const { error } = accepting
  const isChanged = isKind(error, 'version-conflict', 'transition-not-allowed')
  return (
    <>
      {error === null ? null : <Notice tone="danger">{isChanged ? t('relocation.changed') : sayProblem(error)}</Notice>}
      {relocation === null ? null : <Status relocation={relocation} accepting={accepting} />}
    </>
  )
}
