# as a slide prints it: the second turn of the loop convolves a vector
from keras.models import *
from keras.layers import *

model = Sequential()
model.add(Conv2D(filters = 16, kernel_size = 5, activation = 'relu', input_shape = (28, 28, 1)))
for i in range(1000):
    model.add(Conv2D(filters = 4, kernel_size = 5, activation = 'relu', padding = 'same'))
    model.add(Conv2D(filters = 16, kernel_size = 5, activation = 'relu'))
    model.add(MaxPooling2D(pool_size = 2, strides = 2))
    model.add(Flatten())
    model.add(Dense(units = 16, activation = 'relu'))
    model.add(Dense(units = 16, activation = 'relu'))
    model.add(Dense(units = 10, activation = 'softmax'))
print(model.summary())
