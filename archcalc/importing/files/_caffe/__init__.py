"""Networks of Caffe: the text form of protocol buffers, the forms of a layer, and what each layer is."""
