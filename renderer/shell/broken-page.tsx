import { say } from '../../locales/say.ts'
import { Button, ButtonLink } from '../ui/button.tsx'
import { Empty } from '../ui/page.tsx'

/** Shown instead of a page whose code failed; the rest of the app stays usable. */
export function BrokenPage() {
  return (
    <Empty
      icon="warning"
      title={say('shell.broken.emptyTitle')}
      text={say('shell.broken.emptyText')}
      action={<Button onClick={() => location.reload()}>{say('shell.broken.reload')}</Button>}
    />
  )
}

export function MissingPage() {
  return (
    <Empty
      icon="info"
      title={say('shell.broken.thereIsNoSuch')}
      text={say('shell.broken.theAddressMayBe')}
      action={<ButtonLink to="/">{say('shell.broken.goHome')}</ButtonLink>}
    />
  )
}
