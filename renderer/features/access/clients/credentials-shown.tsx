import { say } from '../../../../locales/say.ts'
import type { ClientCredentials } from '../../../../src/contract/access.ts'
import { Button } from '../../../ui/button.tsx'
import { CopyField } from '../../../ui/copy-field.tsx'
import { DialogActions } from '../../../ui/dialog.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { Note } from '../../../ui/problem.tsx'
import { saveFile } from '../../../ui/save-file.ts'
import { whereWas } from '../../../words/origin.ts'
import { credentialsFile, fileNameFor } from './client-form.ts'

/** What the app needs, each with its button; the secret never again after this. */
export function CredentialsShown({
  credentials,
  onClose,
  onCopied,
}: {
  credentials: ClientCredentials
  onClose(): void
  /** The secret was taken along. */
  onCopied(): void
}) {
  const signsIn = credentials.grantTypes.includes('authorization_code')
  return (
    <>
      <CopyField label={say('common.clientId')} value={credentials.clientId} whole />
      {credentials.clientSecret !== null && (
        <CopyField
          label={say('common.clientSecret')}
          value={credentials.clientSecret}
          whole
          onCopied={onCopied}
        />
      )}
      <CopyField label={say('access.credentials.addressOfTheTools')} value={credentials.resource} whole />
      {signsIn && (
        <CopyField
          label={say('access.credentials.authorizationAddress')}
          value={credentials.authorizationEndpoint}
          whole
        />
      )}
      <CopyField label={say('access.credentials.tokenAddress')} value={credentials.tokenEndpoint} whole />
      {whereWas(new URL(credentials.resource).origin, { publicUrl: null }) === 'computer' && (
        <Note
          tone="info"
          message={say('access.credentials.theseAreTheAddresses')}
          hint={say('access.credentials.anAppElsewhereNeeds')}
        />
      )}
      {credentials.clientSecret !== null && (
        <Note
          message={say('access.credentials.keepTheSecretLike')}
          hint={say('access.credentials.putItOnlyInto')}
        />
      )}
      <DialogActions
        safe={
          <Button
            onClick={() => {
              saveFile(fileNameFor(credentials.name), [credentialsFile(credentials)], 'application/json')
              onCopied()
            }}
          >
            <Icon name="down" size={16} /> {say('access.credentials.downloadJson')}
          </Button>
        }
        act={
          <Button intent="primary" onClick={onClose}>
            {say('common.haveCopied')}
          </Button>
        }
      />
    </>
  )
}
