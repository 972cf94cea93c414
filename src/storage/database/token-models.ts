/** Rows of `oauth_records` that are a sign-in half done. */
export const halfDone = ['AuthorizationCode', 'Interaction']

/** Rows of `oauth_records` by which somebody comes in: all but the clients themselves and the documents they are known by. */
export const tokensAndWhatTheyComeFrom = [
  ...['AccessToken', 'ClientCredentials', 'RefreshToken', 'Grant'],
  ...['FamilyUse', 'RememberedBrowser', 'WaitingBrowser'],
]
