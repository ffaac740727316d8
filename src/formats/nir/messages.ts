/** Every sentence a user can meet when reading or writing NIR files. */

export const messages = {
	notHdf5: (file: string) =>
		`${file} is not a NIR file: it does not start with the signature of HDF5. Pass a file written by nir.write; if it was copied, copy it again.`,
	damaged: (file: string, what: string) => `${file} is a damaged or unusual HDF5 file: ${what}. Write or copy it again.`,
};
