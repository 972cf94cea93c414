import { say } from '../../../locales/say.ts'
import { useCall } from '../../pipe/host.tsx'
import { ButtonLink } from '../../ui/button.tsx'

/** Under an empty page, for who has let nobody in yet: what to do so that something will be there. */
export function ConnectFirst() {
  const grants = useCall('grants.list', undefined)
  if (grants.data?.length !== 0) return null
  return (
    <ButtonLink to="/connect/$client" params={{ client: 'chatgpt' }}>
      {say('common.connectChatgpt')}
    </ButtonLink>
  )
}
