/** What a framework or an operator authenticates with (HTTP basic). */
export interface BasicCredential {
  principal: string;
  secret: string;
}

export function basicAuthorization(credential: BasicCredential | undefined): Record<string, string> {
  if (!credential) return {};
  const token = Buffer.from(`${credential.principal}:${credential.secret}`).toString('base64');
  return { authorization: `Basic ${token}` };
}
