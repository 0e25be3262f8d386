import { useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { Sessions } from '../ui/sessions.tsx'
import { View } from '../ui/state.tsx'
import { sessionKey, usePage } from './page.ts'
import { useRead } from './view.tsx'

/** The sessions of the person who is signed in. */
export const SessionsView = () => {
  const { t } = usePage()
  const queries = useQueryClient()
  const query = useRead('sessions', (signal) => bodyOf(api.GET('/v1/operator/sessions', { signal })))
  return (
    <View title={t('nav.sessions')} query={query}>
      {({ sessions }) => (
        <section className="panel">
          <p className="quiet-text">{t('sessions.lead')}</p>
          <Sessions
            sessions={sessions}
            end={(id) => api.DELETE('/v1/operator/sessions/{id}', { params: { path: { id } } })}
            endOthers={() => api.DELETE('/v1/operator/sessions')}
            onEnded={(isOwn) => queries.invalidateQueries({ queryKey: isOwn ? sessionKey : ['sessions'] })}
          />
        </section>
      )}
    </View>
  )
}
