/** The creation form, judged by the rules of the API before anything is sent. */
import {
  ApiError,
  CLUSTER_NAME_PATTERN,
  formatSize,
  parseCreateRequest,
  type CreateClusterRequest,
  type FieldProblem,
} from '@cotton/api';

export interface CreateForm {
  name: string;
  cluster_user: string;
  num_nodes: string;
  cpus: string;
  mem: string;
  disk: string;
  /** Empty: the scheduler makes one. */
  cluster_password: string;
}

export const EMPTY_FORM: CreateForm = {
  name: '',
  cluster_user: '',
  num_nodes: '3',
  cpus: '1',
  mem: '512mb',
  disk: '2gb',
  cluster_password: '',
};

/** What is wrong, by field of the form; `size` stands for cpus, mem and disk. */
export type FieldErrors = Partial<
  Record<'name' | 'cluster_user' | 'num_nodes' | 'size' | 'cluster_password', string>
>;

export type FormResult = { request: CreateClusterRequest } | { errors: FieldErrors };

const NAME = new RegExp(CLUSTER_NAME_PATTERN);

export function readCreateForm(form: CreateForm): FormResult {
  const errors: FieldErrors = {};
  if (!NAME.test(form.name))
    errors.name = 'Start with a letter; then at most 47 letters, digits, "_" or "-".';
  try {
    const { size, numNodes } = parseCreateRequest({
      cluster_user: form.cluster_user,
      num_nodes: form.num_nodes.trim() || '0',
      size: { cpus: form.cpus.trim(), mem: form.mem, disk: form.disk },
      cluster_password: form.cluster_password,
    });
    if (errors.name !== undefined) return { errors };
    return {
      request: {
        cluster_user: form.cluster_user,
        num_nodes: numNodes,
        size: formatSize(size),
        ...(form.cluster_password === '' ? {} : { cluster_password: form.cluster_password }),
      },
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { errors: { ...errors, ...errorsByField(error.fields) } };
  }
}

/** The fields a refusal of the scheduler is about. */
export function errorsByField(fields: readonly FieldProblem[]): FieldErrors {
  return Object.fromEntries(fields.map(({ field, message }) => [field, message]));
}

/** Refusals that are about the name, which is in the address and not in the body. */
export function isAboutName(error: ApiError): boolean {
  return ['invalid_cluster_name', 'reserved_cluster_name', 'cluster_exists', 'cluster_deleting'].includes(
    error.code,
  );
}
